package io.millrace.schemas.serde;

import org.apache.avro.Schema;

/** Takes what only concerns generated Java code out of a schema. */
final class JavaProperties {

  private JavaProperties() {}

  /**
   * Drops {@code avro.java.string}, which generated classes add to every string of their schema, so
   * that the schema is the one in the {@code .avsc} file again.
   */
  static Schema remove(Schema schema) {
    var text = schema.toString();
    var plain =
        text.replaceAll(
            "\\{\"type\":\"string\",\"avro\\.java\\.string\":\"[A-Za-z]+\"}", "\"string\"");
    // On maps the property stands beside others: it concerns their keys.
    plain = plain.replaceAll(",\"avro\\.java\\.string\":\"[A-Za-z]+\"", "");
    return new Schema.Parser().setValidateDefaults(false).parse(plain);
  }
}
