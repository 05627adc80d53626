import { Kind, Type, TypeRegistry, type SchemaOptions, type TSchema, type TUnsafe } from '@sinclair/typebox';

TypeRegistry.Set<{ enum: readonly unknown[] }>('StringEnum', (schema, value) => schema.enum.includes(value));

/** One of some words, as the `enum` that OpenAPI tools know. */
export function stringEnum<const Values extends readonly string[]>(
  values: Values,
  options: SchemaOptions = {},
): TUnsafe<Values[number]> {
  return Type.Unsafe<Values[number]>({ ...options, [Kind]: 'StringEnum', type: 'string', enum: values });
}

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** An object that refuses keys it does not know. */
export const strictObject = <Properties extends Record<string, TSchema>>(
  properties: Properties,
  options: SchemaOptions = {},
) => Type.Object(properties, { ...options, additionalProperties: false });

export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const nanoseconds = (description: string) =>
  Type.String({ description: `${description}; nanoseconds since 1970` });

export const timeParameter = (description: string) =>
  Type.Optional(
    Type.String({ maxLength: 40, description: `${description}: RFC 3339, or nanoseconds since 1970` }),
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
