package io.millrace.topology.processor;

/**
 * The names of the topology's nodes. They are part of the names of state and metrics, so a change
 * is a migration.
 */
public final class NodeNames {

  public static final String PROMPTS = "prompts";
  public static final String CONTROL = "control";
  public static final String DECODE = "decode";
  public static final String DECODE_CONTROL = "decode-control";
  public static final String INFERENCE = "inference";
  public static final String TOKENS = "tokens";
  public static final String COMPLETIONS = "completions";
  public static final String USAGE = "usage";
  public static final String ERRORS = "errors";

  private NodeNames() {}
}
