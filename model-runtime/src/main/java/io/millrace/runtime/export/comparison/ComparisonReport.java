package io.millrace.runtime.export.comparison;

/**
 * How two models did on the replies of the same dialogues, each given the true beginning of a reply
 * (teacher forcing).
 *
 * @param dialogues number of dialogues
 * @param tokens tokens of all replies, the end token of each included
 * @param referencePerplexity e to the mean negative log-likelihood of a token under the reference
 * @param perplexity the same under the other model
 * @param agreeing tokens for which both models find the same one most likely
 * @param meanLogitsError relative to the norm of the reference's logits, the norm of their
 *     difference, on average over the tokens
 * @param largestLogitsError the same for the token where it is largest
 */
public record ComparisonReport(
    int dialogues,
    long tokens,
    double referencePerplexity,
    double perplexity,
    long agreeing,
    double meanLogitsError,
    double largestLogitsError) {

  /** Share of the tokens for which both models find the same one most likely, 0 to 1. */
  public double greedyAgreement() {
    return (double) agreeing / tokens;
  }

  /** By how much the other model's perplexity is higher, 0.01 for one percent. */
  public double perplexityIncrease() {
    return perplexity / referencePerplexity - 1;
  }
}
