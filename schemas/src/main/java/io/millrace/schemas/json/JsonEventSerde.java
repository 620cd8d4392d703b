package io.millrace.schemas.json;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serdes.WrapperSerde;

/**
 * Events as JSON objects with the field names of their Avro schema; null stays null.
 *
 * <p>Enums are written in lower case and read in any; bytes are base64; moments are written as
 * milliseconds since 1970 and read as those or as ISO-8601; what is not a number is a string
 * ({@code "NaN"}). Unknown fields are ignored. Safe for use by several threads.
 *
 * @param <T> the event's generated class
 */
public final class JsonEventSerde<T extends SpecificRecord> extends WrapperSerde<T> {

  public JsonEventSerde(Class<T> type) {
    super(new JsonEventWriter<>(), new JsonEventReader<>(type));
  }
}
