package io.millrace.runtime.bench;

import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.session.OnnxDecoder;
import io.millrace.runtime.session.SessionSettings;

/**
 * The engine's own decoder in a loop, without the engine: the yardstick on a GPU, whose memory ONNX
 * Runtime's Java API cannot bind.
 */
final class DecoderLoop implements Yardstick {

  private final OnnxDecoder decoder;
  private final float[] logits;
  private final int[] next;

  DecoderLoop(ModelDirectory model, SessionSettings settings) {
    decoder = OnnxDecoder.open(model, settings);
    logits = new float[decoder.vocabularySize()];
    next = new int[decoder.slots()];
  }

  @Override
  public long prefill(int[][] prompts) {
    long start = System.nanoTime();
    for (int row = 0; row < prompts.length; row++) {
      for (int from = 0; from < prompts[row].length; ) {
        int to = decoder.chunkEnd(from, decoder.prefillChunk(), prompts[row].length);
        decoder.prefill(row, prompts[row], from, to);
        from = to;
      }
      next[row] = largest(0);
    }
    return System.nanoTime() - start;
  }

  @Override
  public long decode(int length, int steps) {
    long start = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      decoder.decode(next.length, next);
      for (int row = 0; row < next.length; row++) {
        next[row] = largest(row);
      }
    }
    return System.nanoTime() - start;
  }

  private int largest(int row) {
    int token = decoder.mostLikely(row);
    if (token >= 0) {
      return token;
    }
    decoder.readLogits(row, logits);
    int largest = 0;
    for (int other = 1; other < logits.length; other++) {
      largest = logits[other] > logits[largest] ? other : largest;
    }
    return largest;
  }

  @Override
  public void close() {
    decoder.close();
  }
}
