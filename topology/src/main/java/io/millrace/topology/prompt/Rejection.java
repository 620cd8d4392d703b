package io.millrace.topology.prompt;

import io.millrace.events.Stage;

/**
 * Why a prompt is not taken on.
 *
 * @param stage where it was found out
 * @param code stable and lower case
 * @param message for people; holds no prompt text
 */
public record Rejection(Stage stage, String code, String message) {

  static Rejection validate(String code, String message) {
    return new Rejection(Stage.VALIDATE, code, message);
  }
}
