package io.millrace.schemas.json;

import org.apache.avro.Schema;

/** The part of Avro that the event contracts use. */
final class JsonSchemas {

  private JsonSchemas() {}

  /** The other branch of a union with null. */
  static Schema nonNull(Schema union) {
    var branches = union.getTypes().stream().filter(branch -> !branch.isNullable()).toList();
    if (branches.size() != 1) {
      throw unused(union);
    }
    return branches.getFirst();
  }

  static UnsupportedOperationException unused(Schema schema) {
    return new UnsupportedOperationException("No event uses " + schema.getType() + ": " + schema);
  }
}
