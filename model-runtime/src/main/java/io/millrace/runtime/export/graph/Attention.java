package io.millrace.runtime.export.graph;

/** The operators that rotate, update the cache and attend. */
interface Attention {

  /**
   * Attends to what the cache and this call hold.
   *
   * @param name that the result gets, {@code [batch, sequence, query size]}
   * @param projected queries, keys and values of each token, side by side
   */
  void attend(int layer, String name, String projected);
}
