package io.millrace.runtime.prompt;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, or what else the chat template knows
 * @param content the text of the turn
 */
public record ChatMessage(String role, String content) {}
