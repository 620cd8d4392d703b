package io.millrace.schemas.serde;

import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.SubjectNotFound;
import io.millrace.schemas.registry.SchemaRegistryException.Unauthorized;
import io.millrace.schemas.registry.SchemaRegistryException.Unavailable;
import io.millrace.schemas.registry.SchemaRegistryException.UnexpectedAnswer;
import io.millrace.schemas.registry.SchemaRegistryException.VersionNotFound;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes specific and generic records in Confluent's wire format; null stays null.
 *
 * <p>Safe for use by several threads once configured: Kafka Streams shares one among all its tasks.
 * Throws {@link RegistryFailureException} where the registry gives no id, and {@link
 * SerializationException} where the record does not follow its own schema.
 *
 * @param <T> the records; each brings its schema along
 */
public class AvroSerializer<T extends IndexedRecord> implements Serializer<T> {

  /**
   * @param latestId the id of the subject's latest schema where records are written with that, or 0
   */
  private record Target(String subject, Schema schema, Class<?> type, int latestId) {}

  private final ConcurrentMap<Target, RecordWriter> writers = new ConcurrentHashMap<>();
  private volatile @Nullable OpenRegistry registry;

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    close();
    registry = OpenRegistry.open(configs, isKey);
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T datum) {
    if (datum == null) {
      return null;
    }
    var open = OpenRegistry.required(registry);
    var schema = datum.getSchema();
    var subject = open.config().subjectNames().subject(topic, open.config().isKey(), schema);
    var writer = writer(subject, datum, open);
    try {
      return writer.write(datum);
    } catch (IOException | RuntimeException invalid) {
      throw new SerializationException(
          "A record for topic "
              + topic
              + " does not follow its schema "
              + schema.getFullName()
              + ".",
          invalid);
    }
  }

  @Override
  public void close() {
    var open = registry;
    if (open != null) {
      registry = null;
      writers.clear();
      open.close();
    }
  }

  private RecordWriter writer(String subject, T datum, OpenRegistry open) {
    var schema = datum.getSchema();
    try {
      var config = open.config();
      var isLatest = config.useLatestVersion() && !config.autoRegister();
      var latestId = isLatest ? open.schemas().latest(subject).id() : 0;
      var target = new Target(subject, schema, datum.getClass(), latestId);
      var known = writers.get(target);
      if (known != null) {
        return known;
      }
      var made = isLatest ? latestWriter(subject, datum, open) : ownWriter(subject, datum, open);
      writers.put(target, made);
      return made;
    } catch (SchemaRegistryException failure) {
      throw new RegistryFailureException(
          "No schema id for " + schema.getFullName() + " under " + subject + advice(failure),
          failure);
    }
  }

  private RecordWriter latestWriter(String subject, T datum, OpenRegistry open) {
    var latest = open.schemas().latest(subject);
    return RecordWriter.latestSchema(latest, datum, open.config().latestCompatibilityStrict());
  }

  private RecordWriter ownWriter(String subject, T datum, OpenRegistry open) {
    var schema = datum.getSchema();
    var published = open.config().removeJavaProperties() ? JavaProperties.remove(schema) : schema;
    var id =
        open.config().autoRegister()
            ? open.schemas().register(subject, published)
            : open.schemas().lookUp(subject, published);
    return RecordWriter.ownSchema(id, datum);
  }

  private static String advice(SchemaRegistryException failure) {
    return switch (failure) {
      case SubjectNotFound _ ->
          ": register the schema, or set " + AvroSerdeConfig.AUTO_REGISTER + ".";
      case SchemaNotFound _ ->
          ": register the schema as it is (if it was registered from the .avsc file, set "
              + AvroSerdeConfig.REMOVE_JAVA_PROPERTIES
              + "), or set "
              + AvroSerdeConfig.AUTO_REGISTER
              + ".";
      case VersionNotFound _, Incompatible _, InvalidSchema _ -> ".";
      case Unavailable _, Unauthorized _, UnexpectedAnswer _ -> ".";
    };
  }
}
