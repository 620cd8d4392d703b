package io.millrace.schemas.registry;

import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.VersionNotFound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * A registry in this process: behind the local registry server, and behind {@code mock://NAME}
 * addresses in tests.
 *
 * <p>A new version of a subject must be able to read what the version before it wrote (Confluent's
 * default, {@code BACKWARD}).
 */
public final class InMemorySchemaRegistry implements SchemaRegistry {

  private final List<Schema> schemas = new ArrayList<>();
  private final Map<String, List<Integer>> versions = new TreeMap<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    var ids = versions.getOrDefault(subject, List.of());
    for (int id : ids) {
      if (sameText(schemaById(id), schema)) {
        return id;
      }
    }
    if (!ids.isEmpty()) {
      checkReads(schema, schemaById(ids.getLast()), subject);
    }
    var id = idOf(schema);
    versions.computeIfAbsent(subject, absent -> new ArrayList<>()).add(id);
    return id;
  }

  @Override
  public synchronized int lookUp(String subject, Schema schema) {
    return find(subject, schema).id();
  }

  /**
   * As {@link #lookUp}, with the version.
   *
   * @throws SubjectNotFound if nothing was ever registered there
   * @throws SchemaNotFound if the subject has other schemas only
   */
  public synchronized RegisteredSchema find(String subject, Schema schema) {
    for (int version : versions(subject)) {
      var registered = version(subject, version);
      if (sameText(registered.schema(), schema)) {
        return registered;
      }
    }
    throw new SchemaNotFound("Subject " + subject + " does not hold this schema.");
  }

  @Override
  public synchronized Schema schemaById(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new SchemaNotFound("No schema has id " + id + ".");
    }
    return schemas.get(id - 1);
  }

  @Override
  public synchronized RegisteredSchema latest(String subject) {
    return version(subject, versions(subject).getLast());
  }

  /**
   * Finds one version of a subject.
   *
   * @throws SubjectNotFound if nothing was ever registered there
   * @throws VersionNotFound if the subject has fewer versions
   */
  public synchronized RegisteredSchema version(String subject, int version) {
    var count = versions(subject).size();
    if (version < 1 || version > count) {
      throw new VersionNotFound("Subject " + subject + " has no version " + version + ".");
    }
    int id = versions.getOrDefault(subject, List.of()).get(version - 1);
    return new RegisteredSchema(subject, version, id, schemaById(id));
  }

  /** All subjects, in order of their names. */
  public synchronized List<String> subjects() {
    return List.copyOf(versions.keySet());
  }

  /**
   * The versions of a subject, from 1.
   *
   * @throws SubjectNotFound if nothing was ever registered there
   */
  public synchronized List<Integer> versions(String subject) {
    var ids = versions.get(subject);
    if (ids == null) {
      throw new SubjectNotFound("Nothing is registered under subject " + subject + ".");
    }
    List<Integer> numbers = new ArrayList<>();
    for (int version = 1; version <= ids.size(); version++) {
      numbers.add(version);
    }
    return numbers;
  }

  /** Does nothing: the schemas live as long as the registry. */
  @Override
  public void close() {}

  private int idOf(Schema schema) {
    for (int index = 0; index < schemas.size(); index++) {
      if (sameText(schemas.get(index), schema)) {
        return index + 1;
      }
    }
    schemas.add(schema);
    return schemas.size();
  }

  /**
   * Documentation makes a new schema, as in Confluent's registry; Avro's own equality ignores it.
   */
  private static boolean sameText(Schema one, Schema other) {
    return one.toString().equals(other.toString());
  }

  private static void checkReads(Schema reader, Schema writer, String subject) {
    var verdict = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    if (verdict.getType() != SchemaCompatibilityType.COMPATIBLE) {
      throw new Incompatible(
          "The schema cannot read what the latest version of " + subject + " wrote.");
    }
  }
}
