package io.millrace.local.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the registry says to a request.
 *
 * @param status the HTTP status
 * @param body a tree of maps, lists, strings and numbers, to be written as JSON
 */
record RegistryAnswer(int status, Object body) {

  static RegistryAnswer ok(Object body) {
    return new RegistryAnswer(200, body);
  }

  static RegistryAnswer error(int status, int code, String message) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error_code", code);
    body.put("message", message);
    return new RegistryAnswer(status, body);
  }
}
