package io.millrace.schemas.registry;

import org.apache.avro.Schema;

/**
 * A schema in its place in a registry.
 *
 * @param subject the name under which it evolves
 * @param version its place in the subject, from 1
 * @param id its number in the whole registry
 */
public record RegisteredSchema(String subject, int version, int id, Schema schema) {}
