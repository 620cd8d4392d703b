package io.millrace.cli.doctor;

/** What was found about one thing. */
public sealed interface Finding {

  /** The thing, in a word or two. */
  String subject();

  /** How it is. */
  String detail();

  /** It is as it should be. */
  record Fine(String subject, String detail) implements Finding {}

  /** It is not there, and nothing needs it. */
  record Absent(String subject, String detail) implements Finding {}

  /** It works, with a drawback that the detail names. */
  record Doubtful(String subject, String detail) implements Finding {}

  /**
   * It does not work.
   *
   * @param remedy what to do about it
   */
  record Broken(String subject, String detail, String remedy) implements Finding {}
}
