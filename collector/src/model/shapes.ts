import { Kind, Type, TypeRegistry, type SchemaOptions, type TSchema, type TUnsafe } from '@sinclair/typebox';

// Shapes of requests and answers that TypeBox has no word for, or not the one that OpenAPI tools know.

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
