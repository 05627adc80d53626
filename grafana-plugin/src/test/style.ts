/** Stands for style sheets. */
export default {};
