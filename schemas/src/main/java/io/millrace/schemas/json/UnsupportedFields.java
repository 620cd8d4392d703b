package io.millrace.schemas.json;

import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import java.util.List;

/**
 * Refuses request fields that are known but not offered, where their value asks for something: an
 * answer without it would look right and be wrong.
 */
final class UnsupportedFields {

  private static final List<String> COUNTS_OF_ONE = List.of("n", "best_of");
  private static final List<String> LISTS = List.of("tools", "functions");
  private static final List<String> MESSAGE_LISTS = List.of("tool_calls", "function_call");

  private UnsupportedFields() {}

  static void refuse(JsonField body) {
    for (var name : COUNTS_OF_ONE) {
      refuseAbove(1, body.field(name), "a prompt gets one completion: send a record for each");
    }
    LISTS.forEach(name -> refuseNonEmpty(body.field(name)));
    refuseIf(body.field("echo").node().asBoolean(), body.field("echo"), "not offered");
    refuseIf(!body.field("suffix").isAbsent(), body.field("suffix"), "not offered");
    var messages = body.field("messages");
    if (messages.node().isArray()) {
      for (var message : messages.items()) {
        MESSAGE_LISTS.forEach(name -> refuseNonEmpty(message.field(name)));
      }
    }
  }

  private static void refuseAbove(int most, JsonField field, String why) {
    refuseIf(field.node().isNumber() && field.node().doubleValue() > most, field, why);
  }

  private static void refuseNonEmpty(JsonField field) {
    refuseIf(!field.isAbsent() && !field.node().isEmpty(), field, "not offered");
  }

  private static void refuseIf(boolean isAsked, JsonField field, String why) {
    if (isAsked) {
      throw new UndecodableRecordException(
          Reason.UNSUPPORTED, field.path() + " is not supported: " + why + ".");
    }
  }
}
