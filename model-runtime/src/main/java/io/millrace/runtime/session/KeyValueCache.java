package io.millrace.runtime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.Map;

/**
 * The keys and values of all sequences, in place: per layer two buffers {@code [slots, kv_heads,
 * capacity, head_dim]}, a row per sequence.
 *
 * <p>Where it lives (host memory, a device) decides how the graph must be run, so running it over a
 * range of rows is part of the contract. Belongs to one thread, but for {@link #interrupt}.
 */
interface KeyValueCache extends AutoCloseable {

  /**
   * Runs the graph over the rows {@code [first, first + count)}: these are its past, and what it
   * computes is written after it, in the same place.
   *
   * @param inputs the graph's inputs other than the past
   * @param logits where the logits go
   */
  void run(int first, int count, Map<String, OnnxTensor> inputs, OnnxTensor logits)
      throws OrtException;

  /** As {@link Decoder#interrupt}: may be called by any thread. */
  void interrupt();

  /** Copies the first {@code length} positions of a row to another. */
  void moveRow(int from, int to, int length);

  /** Exchanges the first {@code length} positions of two rows. */
  void swapRows(int first, int second, int length);

  /** As {@link Decoder#cacheBytes}. */
  long bytes();

  /** As {@link Decoder#reserveBlocks}. */
  BlockStore reserveBlocks(int blockTokens, long bytes);

  @Override
  void close();
}
