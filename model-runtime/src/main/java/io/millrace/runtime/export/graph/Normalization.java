package io.millrace.runtime.export.graph;

/** Root-mean-square norms, alone and after an addition. */
interface Normalization {

  /**
   * Normalizes the features of each token.
   *
   * @param output name that the result gets
   * @param scales name of the weights
   */
  void normalize(String output, String input, String scales);

  /**
   * Normalizes a sum.
   *
   * @param output name that the result gets
   * @param sum name that the sum itself gets; empty if nothing reads it
   */
  void addAndNormalize(String output, String sum, String residual, String addend, String scales);
}
