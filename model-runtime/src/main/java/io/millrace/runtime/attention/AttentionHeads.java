package io.millrace.runtime.attention;

/**
 * What the attention of every layer of a model has in common. Each head of keys and values serves
 * as many heads of queries as there are more of these ("grouped-query attention", <a
 * href="https://arxiv.org/abs/2305.13245">Ainslie et al. 2023</a>).
 *
 * @param queries heads of queries
 * @param keyValues heads of keys and values, of which the former is a multiple
 * @param size numbers in a vector of a head
 * @param scale that products of queries and keys are multiplied by
 */
public record AttentionHeads(int queries, int keyValues, int size, float scale) {

  public AttentionHeads {
    if (keyValues < 1 || queries < 1 || queries % keyValues != 0 || size < 1) {
      throw new IllegalArgumentException(
          "%d heads of queries, %d of keys and values, of %d".formatted(queries, keyValues, size));
    }
  }

  /** Heads of queries that read the same keys and values. */
  int group() {
    return queries / keyValues;
  }
}
