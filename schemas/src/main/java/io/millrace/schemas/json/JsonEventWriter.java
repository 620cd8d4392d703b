package io.millrace.schemas.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.AvroTypeException;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as JSON objects with the field names of their Avro schema.
 *
 * <p>Enums are lower case, bytes base64, moments milliseconds since 1970. A field that is null and
 * would be null by default is left out.
 */
final class JsonEventWriter<T extends IndexedRecord> implements Serializer<T> {

  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T event) {
    if (event == null) {
      return null;
    }
    var bytes = new ByteArrayOutputStream(256);
    try (var json = JSON.createGenerator(bytes)) {
      writeRecord(event, json);
    } catch (IOException | RuntimeException invalid) {
      throw new SerializationException(
          "A record for topic " + topic + " does not follow its schema.", invalid);
    }
    return bytes.toByteArray();
  }

  private static void writeRecord(IndexedRecord event, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (var field : event.getSchema().getFields()) {
      var value = event.get(field.pos());
      if (value == null && isNullByDefault(field)) {
        continue;
      }
      json.writeFieldName(field.name());
      write(value, field.schema(), json);
    }
    json.writeEndObject();
  }

  private static boolean isNullByDefault(Schema.Field field) {
    return JsonProperties.NULL_VALUE.equals(field.defaultVal());
  }

  private static void write(@Nullable Object value, Schema schema, JsonGenerator json)
      throws IOException {
    if (value == null) {
      if (!schema.isNullable()) {
        throw new AvroTypeException("A field that may not be null is null: " + schema.getName());
      }
      json.writeNull();
      return;
    }
    switch (schema.getType()) {
      case UNION -> write(value, JsonSchemas.nonNull(schema), json);
      case RECORD -> writeRecord((IndexedRecord) value, json);
      case ARRAY -> writeArray((Collection<?>) value, schema.getElementType(), json);
      case MAP -> writeMap((Map<?, ?>) value, schema.getValueType(), json);
      case ENUM -> json.writeString(value.toString().toLowerCase(Locale.ROOT));
      case STRING -> json.writeString(value.toString());
      case BYTES -> writeBytes((ByteBuffer) value, json);
      case INT -> json.writeNumber((Integer) value);
      case LONG ->
          json.writeNumber(value instanceof Instant moment ? moment.toEpochMilli() : (Long) value);
      case FLOAT -> json.writeNumber((Float) value);
      case DOUBLE -> json.writeNumber((Double) value);
      case BOOLEAN -> json.writeBoolean((Boolean) value);
      case FIXED, NULL -> throw JsonSchemas.unused(schema);
    }
  }

  private static void writeArray(Collection<?> items, Schema schema, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    for (var item : items) {
      write(item, schema, json);
    }
    json.writeEndArray();
  }

  private static void writeMap(Map<?, ?> entries, Schema schema, JsonGenerator json)
      throws IOException {
    json.writeStartObject();
    for (var entry : entries.entrySet()) {
      json.writeFieldName(entry.getKey().toString());
      write(entry.getValue(), schema, json);
    }
    json.writeEndObject();
  }

  private static void writeBytes(ByteBuffer value, JsonGenerator json) throws IOException {
    var bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    json.writeBinary(bytes);
  }
}
