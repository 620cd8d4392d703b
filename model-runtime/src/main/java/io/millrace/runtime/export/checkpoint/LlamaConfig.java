package io.millrace.runtime.export.checkpoint;

/**
 * The shape of a Llama-family decoder.
 *
 * @param architecture family
 * @param hiddenSize features of the residual stream
 * @param intermediateSize features inside the feed-forward part
 * @param layers number of decoder layers
 * @param attentionHeads query heads
 * @param keyValueHeads key and value heads, a divisor of the query heads
 * @param headSize features of one head
 * @param vocabularySize number of token ids
 * @param contextLength most positions, prompt and completion together
 * @param normEpsilon added to the mean square in the norms
 * @param rotaryEmbedding positions
 * @param tiedEmbeddings whether the head is the embedding, transposed
 * @param inputBias whether the query, key and value projections have a bias
 * @param outputBias whether the attention's output projection has a bias
 */
public record LlamaConfig(
    Architecture architecture,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int attentionHeads,
    int keyValueHeads,
    int headSize,
    int vocabularySize,
    int contextLength,
    float normEpsilon,
    RotaryEmbedding rotaryEmbedding,
    boolean tiedEmbeddings,
    boolean inputBias,
    boolean outputBias) {

  /** Features of all query heads together. */
  public int querySize() {
    return attentionHeads * headSize;
  }

  /** Features of all key heads together; the value heads have as many. */
  public int keyValueSize() {
    return keyValueHeads * headSize;
  }

  /** Number of weights, tied ones once, norms and biases left out. */
  public long parameters() {
    long attention = (long) hiddenSize * (2 * querySize() + 2 * keyValueSize());
    long feedForward = 3L * hiddenSize * intermediateSize;
    long embedding = (long) vocabularySize * hiddenSize;
    return layers * (attention + feedForward) + (tiedEmbeddings ? embedding : 2 * embedding);
  }
}
