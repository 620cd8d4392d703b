package io.millrace.schemas.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value in a JSON document that knows its own place, so that whoever finds it of the wrong type
 * can say which it was.
 *
 * @param path as in {@code messages[0].role}; empty for the document itself
 */
record JsonField(JsonNode node, String path) {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  /**
   * Reads a document that is one object.
   *
   * @throws UndecodableRecordException if it is not
   */
  static JsonField parse(byte[] bytes) {
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes);
    } catch (JsonProcessingException malformed) {
      throw malformed(malformed);
    } catch (IOException notText) {
      throw new UndecodableRecordException(
          Reason.MALFORMED, "The record is not text in UTF-8, so it is not JSON.");
    }
    if (node.isMissingNode()) {
      throw new UndecodableRecordException(Reason.EMPTY, "The record is empty: it has no bytes.");
    }
    if (!node.isObject()) {
      throw new UndecodableRecordException(
          Reason.MALFORMED, "The record is JSON, but not an object.");
    }
    return new JsonField(node, "");
  }

  /** Absent and null mean the same. */
  boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  /** A field of this object; absent where it has none of that name. */
  JsonField field(String name) {
    return new JsonField(node.path(name), path.isEmpty() ? name : path + "." + name);
  }

  JsonField object() {
    return check(node.isObject(), "an object");
  }

  List<JsonField> items() {
    check(node.isArray(), "an array");
    List<JsonField> items = new ArrayList<>(node.size());
    for (int index = 0; index < node.size(); index++) {
      items.add(new JsonField(node.path(index), path + "[" + index + "]"));
    }
    return items;
  }

  Map<String, JsonField> entries() {
    object();
    Map<String, JsonField> entries = new LinkedHashMap<>();
    node.fieldNames().forEachRemaining(name -> entries.put(wellFormed(name), field(name)));
    return entries;
  }

  String text() {
    check(node.isTextual(), "a string");
    return wellFormed(Objects.requireNonNull(node.textValue()));
  }

  /**
   * JSON can hold half a surrogate pair, which UTF-8 cannot: a question mark takes its place, as in
   * every text that Java writes in UTF-8. Left as it is, it would come back in an event that no
   * reader of JSON takes.
   */
  private static String wellFormed(String text) {
    return text.chars().anyMatch(unit -> Character.isSurrogate((char) unit))
        ? new String(text.getBytes(UTF_8), UTF_8)
        : text;
  }

  boolean flag() {
    check(node.isBoolean(), "true or false");
    return node.booleanValue();
  }

  int int32() {
    check(node.isIntegralNumber() && node.canConvertToInt(), "a whole number of 32 bits");
    return node.intValue();
  }

  long int64() {
    check(node.isIntegralNumber() && node.canConvertToLong(), "a whole number of 64 bits");
    return node.longValue();
  }

  double number() {
    check(node.isNumber(), "a number");
    return node.doubleValue();
  }

  /** A number, or one of the three that JSON has none for, as strings. */
  double float64() {
    if (node.isTextual()) {
      return switch (text()) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw invalid("a number");
      };
    }
    return number();
  }

  ByteBuffer base64() {
    try {
      return ByteBuffer.wrap(Base64.getDecoder().decode(text()));
    } catch (IllegalArgumentException notBase64) {
      throw invalid("base64");
    }
  }

  /** Milliseconds since 1970 or ISO-8601. */
  Instant instant() {
    if (node.isIntegralNumber()) {
      return Instant.ofEpochMilli(int64());
    }
    check(node.isTextual(), "a time");
    try {
      // Years of nine digits are ISO-8601 and more milliseconds than a long holds.
      return Instant.ofEpochMilli(OffsetDateTime.parse(text()).toInstant().toEpochMilli());
    } catch (DateTimeException | ArithmeticException notIso) {
      throw invalid("a time: milliseconds since 1970, or as 2026-01-31T12:00:00Z");
    }
  }

  @Nullable String textOrNull() {
    return isAbsent() ? null : text();
  }

  /** What is wrong with this value; the value itself is not told. */
  UndecodableRecordException invalid(String expected) {
    var is = isAbsent() ? " is missing; it has to be " : " has to be ";
    return new UndecodableRecordException(Reason.INVALID_FIELD, path + is + expected + ".");
  }

  private JsonField check(boolean isRight, String expected) {
    if (!isRight) {
      throw invalid(expected);
    }
    return this;
  }

  /** Jackson's own message would quote the record. */
  private static UndecodableRecordException malformed(JacksonException problem) {
    var place = problem.getLocation();
    return new UndecodableRecordException(
        Reason.MALFORMED,
        "The record is not valid JSON"
            + (place == null
                ? "."
                : " at line " + place.getLineNr() + ", column " + place.getColumnNr() + "."));
  }
}
