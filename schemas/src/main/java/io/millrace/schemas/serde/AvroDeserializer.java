package io.millrace.schemas.serde;

import io.millrace.schemas.RegistryFailureException;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import io.millrace.schemas.registry.SchemaRegistryException;
import io.millrace.schemas.registry.SchemaRegistryException.InvalidSchema;
import io.millrace.schemas.registry.SchemaRegistryException.SchemaNotFound;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in Confluent's wire format, whichever compatible schema they were written with;
 * null stays null.
 *
 * <p>Makes generic records, or specific ones with {@code specific.avro.reader=true}. Safe for use
 * by several threads once configured. Throws {@link UndecodableRecordException} where the record is
 * at fault and {@link RegistryFailureException} where the registry is.
 *
 * @param <T> the records
 */
public class AvroDeserializer<T extends IndexedRecord> implements Deserializer<T> {

  private record Source(int schemaId, String topic) {}

  private final ConcurrentMap<Source, DatumReader<T>> readers = new ConcurrentHashMap<>();
  private final @Nullable Boolean specific;
  private final @Nullable Class<? extends SpecificRecord> type;
  private volatile @Nullable OpenRegistry registry;

  /** Generic records, unless the configuration says otherwise. */
  public AvroDeserializer() {
    this(null, null);
  }

  /**
   * @param specific whether to make specific records; null leaves it to the configuration
   * @param type the class to read; null leaves it to the configuration
   */
  AvroDeserializer(@Nullable Boolean specific, @Nullable Class<? extends SpecificRecord> type) {
    this.specific = specific;
    this.type = type;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    close();
    registry = OpenRegistry.open(configs, isKey);
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    var open = OpenRegistry.required(registry);
    return WireFormat.decode(bytes, reader(WireFormat.schemaId(bytes), topic, open));
  }

  @Override
  public void close() {
    var open = registry;
    if (open != null) {
      registry = null;
      readers.clear();
      open.close();
    }
  }

  private DatumReader<T> reader(int id, String topic, OpenRegistry open) {
    var source = new Source(id, topic);
    var known = readers.get(source);
    if (known != null) {
      return known;
    }
    try {
      var made = newReader(id, topic, open);
      readers.put(source, made);
      return made;
    } catch (SchemaNotFound unknown) {
      throw new UndecodableRecordException(
          Reason.UNKNOWN_SCHEMA_ID,
          "The Schema Registry does not know schema id " + id + ".",
          unknown);
    } catch (InvalidSchema unreadable) {
      throw new UndecodableRecordException(
          Reason.UNRESOLVABLE_SCHEMA, "Schema id " + id + " is no Avro schema.", unreadable);
    } catch (SchemaRegistryException failure) {
      throw new RegistryFailureException("Schema id " + id + " could not be read.", failure);
    } catch (AvroRuntimeException unresolvable) {
      throw new UndecodableRecordException(
          Reason.UNRESOLVABLE_SCHEMA, "Schema id " + id + " cannot be used.", unresolvable);
    }
  }

  private DatumReader<T> newReader(int id, String topic, OpenRegistry open) {
    // No registry hands out ids below 1, so half of all made-up ids need no call.
    if (id < 1) {
      throw new SchemaNotFound("Schema ids start at 1.");
    }
    var settings = open.config();
    var writer = open.schemas().schemaById(id);
    if (specific != null ? specific : settings.specificReader()) {
      return specificReader(writer, id, settings);
    }
    if (settings.useLatestVersion()) {
      var subject = settings.subjectNames().subject(topic, settings.isKey(), writer);
      var reader = open.schemas().latest(subject).schema();
      checkReads(reader, writer, id);
      return new GenericDatumReader<>(writer, reader);
    }
    return new GenericDatumReader<>(writer);
  }

  private DatumReader<T> specificReader(Schema writer, int id, AvroSerdeConfig settings) {
    var recordClass = recordClass(writer, id, settings);
    var model = SpecificData.getForClass(recordClass);
    var reader = model.getSchema(recordClass);
    checkReads(reader, writer, id);
    return new SpecificDatumReader<>(writer, reader, model);
  }

  private Class<? extends SpecificRecord> recordClass(
      Schema writer, int id, AvroSerdeConfig settings) {
    if (type != null) {
      return type;
    }
    return settings
        .specificType()
        .or(() -> RecordClasses.find(writer.getFullName()))
        .orElseThrow(
            () ->
                new UndecodableRecordException(
                    Reason.UNRESOLVABLE_SCHEMA,
                    "Schema id "
                        + id
                        + " is of record "
                        + writer.getFullName()
                        + ", for which there is no class here."));
  }

  private static void checkReads(Schema reader, Schema writer, int id) {
    var verdict = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    if (verdict.getType() != SchemaCompatibilityType.COMPATIBLE) {
      throw new UndecodableRecordException(
          Reason.UNRESOLVABLE_SCHEMA,
          "Records of schema id "
              + id
              + " ("
              + writer.getFullName()
              + ") cannot be read as "
              + reader.getFullName()
              + ".");
    }
  }
}
