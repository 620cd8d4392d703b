package io.millrace.runtime.sampling;

/**
 * How likely a token was.
 *
 * @param logprob natural logarithm of its probability under the model's own distribution
 */
public record TokenLogprob(int token, float logprob) {}
