import { Type, type TSchema } from '@sinclair/typebox';

export { nullable, strictObject, stringEnum } from '../../model/shapes.js';

export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const nanoseconds = (description: string) =>
  Type.String({ description: `${description}; nanoseconds since 1970` });

export const timeParameter = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 40,
      description: `${description}: RFC 3339, nanoseconds since 1970, or now-1h`,
    }),
  );

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    code: Type.String({ description: 'stable; what programs look at' }),
  },
  { additionalProperties: true, description: 'RFC 9457 problem details (application/problem+json)' },
);

/** Responses of a JSON endpoint: what it answers, and problems. */
export const answers = <Schema extends TSchema>(schema: Schema) => ({
  200: schema,
  '4xx': ProblemSchema,
  '5xx': ProblemSchema,
});
