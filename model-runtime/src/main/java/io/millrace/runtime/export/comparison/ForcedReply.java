package io.millrace.runtime.export.comparison;

/** Token ids of a prompt and of the reply that the models are led through. */
final class ForcedReply {

  private final int[] prompt;
  private final int[] reply;

  ForcedReply(int[] prompt, int[] reply) {
    this.prompt = prompt;
    this.reply = reply;
  }

  int[] prompt() {
    return prompt;
  }

  int replyLength() {
    return reply.length;
  }

  int replyToken(int index) {
    return reply[index];
  }

  /** Tokens of prompt and reply together. */
  int length() {
    return prompt.length + reply.length;
  }
}
