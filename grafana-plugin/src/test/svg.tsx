/** Stands for react-inlinesvg, which fetches its pictures from Grafana. */
export default function Svg({ title }: { title?: string }) {
  return <svg>{title === undefined ? null : <title>{title}</title>}</svg>;
}
