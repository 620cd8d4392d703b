package io.millrace.schemas.json;

import io.millrace.schemas.GeneratedClasses;
import io.millrace.schemas.UndecodableRecordException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads events from JSON objects with the field names of their Avro schema.
 *
 * <p>Unknown fields are ignored, absent ones get their defaults. Enums may come in any case,
 * moments as milliseconds since 1970 or as ISO-8601.
 */
final class JsonEventReader<T extends SpecificRecord> implements Deserializer<T> {

  private final Class<T> type;
  private final SpecificData model;
  private final Schema schema;

  JsonEventReader(Class<T> type) {
    GeneratedClasses.trust();
    this.type = type;
    model = SpecificData.getForClass(type);
    schema = model.getSchema(type);
  }

  /**
   * @throws UndecodableRecordException if the bytes are no JSON object, or a field is missing or of
   *     the wrong type
   */
  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    return bytes == null ? null : type.cast(record(JsonField.parse(bytes), schema));
  }

  private Object record(JsonField json, Schema schema) {
    json.object();
    var record = (IndexedRecord) model.newRecord(null, schema);
    for (var field : schema.getFields()) {
      var value = json.field(field.name());
      // A missing field without a default is found by value(), which names it.
      var isDefault = value.isAbsent() && field.hasDefaultValue();
      record.put(
          field.pos(), isDefault ? model.getDefaultValue(field) : value(value, field.schema()));
    }
    return record;
  }

  private @Nullable Object value(JsonField json, Schema schema) {
    return switch (schema.getType()) {
      case UNION -> json.isAbsent() ? null : value(json, JsonSchemas.nonNull(schema));
      case RECORD -> record(json, schema);
      case ARRAY -> array(json, schema.getElementType());
      case MAP -> map(json, schema.getValueType());
      case ENUM -> symbol(json, schema);
      case STRING -> json.text();
      case BYTES -> json.base64();
      case INT -> json.int32();
      case LONG -> schema.getLogicalType() == null ? (Object) json.int64() : json.instant();
      case FLOAT -> (float) json.float64();
      case DOUBLE -> json.float64();
      case BOOLEAN -> json.flag();
      case FIXED, NULL -> throw JsonSchemas.unused(schema);
    };
  }

  private List<@Nullable Object> array(JsonField json, Schema items) {
    List<@Nullable Object> values = new ArrayList<>();
    for (var item : json.items()) {
      values.add(value(item, items));
    }
    return values;
  }

  private Map<String, @Nullable Object> map(JsonField json, Schema values) {
    Map<String, @Nullable Object> entries = new HashMap<>();
    json.entries().forEach((name, entry) -> entries.put(name, value(entry, values)));
    return entries;
  }

  private Object symbol(JsonField json, Schema schema) {
    var text = json.text();
    for (var symbol : schema.getEnumSymbols()) {
      if (symbol.equalsIgnoreCase(text)) {
        return model.createEnum(symbol, schema);
      }
    }
    throw json.invalid("one of " + String.join(", ", schema.getEnumSymbols()));
  }
}
