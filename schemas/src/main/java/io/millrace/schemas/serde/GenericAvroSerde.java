package io.millrace.schemas.serde;

import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serdes.WrapperSerde;

/**
 * Generic Avro records in Confluent's wire format; may stand wherever Confluent's own {@code
 * GenericAvroSerde} does, with the same configuration.
 */
public class GenericAvroSerde extends WrapperSerde<GenericRecord> {

  public GenericAvroSerde() {
    super(new AvroSerializer<>(), new AvroDeserializer<>(false, null));
  }
}
