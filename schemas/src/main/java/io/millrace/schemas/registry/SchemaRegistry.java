package io.millrace.schemas.registry;

import org.apache.avro.Schema;

/**
 * Numbers Avro schemas, so that a record carries four bytes instead of its schema.
 *
 * <p>Safe for use by several threads. Every method may block and throws a {@link
 * SchemaRegistryException} that says what went wrong.
 */
public interface SchemaRegistry extends AutoCloseable {

  /**
   * Adds a schema to a subject; does nothing if it is there already.
   *
   * @return the schema's id, the same in every subject
   */
  int register(String subject, Schema schema);

  /**
   * Finds the id of a schema that is registered under a subject.
   *
   * @throws SchemaRegistryException.SubjectNotFound if nothing was ever registered there
   * @throws SchemaRegistryException.SchemaNotFound if the subject has other schemas only
   */
  int lookUp(String subject, Schema schema);

  /**
   * Finds a schema by the id that a record carries.
   *
   * @throws SchemaRegistryException.SchemaNotFound if the registry has handed out no such id
   */
  Schema schemaById(int id);

  /**
   * Finds the newest schema of a subject.
   *
   * @throws SchemaRegistryException.SubjectNotFound if nothing was ever registered there
   */
  RegisteredSchema latest(String subject);

  @Override
  void close();
}
