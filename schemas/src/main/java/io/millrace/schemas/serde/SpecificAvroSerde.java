package io.millrace.schemas.serde;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes.WrapperSerde;

/**
 * Generated Avro classes in Confluent's wire format; may stand wherever Confluent's own {@code
 * SpecificAvroSerde} does, with the same configuration.
 *
 * <p>See {@code schemas/README.md} for the configuration keys and for what happens when the
 * registry or a record is at fault.
 *
 * @param <T> the generated class
 */
public class SpecificAvroSerde<T extends SpecificRecord> extends WrapperSerde<T> {

  /** Reads the class that {@code specific.avro.value.type} or the record's schema names. */
  public SpecificAvroSerde() {
    super(new AvroSerializer<>(), new AvroDeserializer<>(true, null));
  }

  /** Reads records of any compatible schema as this class. */
  public SpecificAvroSerde(Class<T> type) {
    super(new AvroSerializer<>(), new AvroDeserializer<>(true, type));
  }
}
