package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.onnx.FloatFormat;
import io.millrace.runtime.export.onnx.OnnxGraph;
import java.io.IOException;

/**
 * The rotations of each position.
 *
 * @param cosines name of a table {@code [context length, head size / 2]}
 * @param sines name of another
 */
record RotaryTables(String cosines, String sines) {

  /** Adds both tables. */
  static RotaryTables store(
      OnnxGraph graph, LlamaConfig config, FloatFormat format, int contextLength)
      throws IOException {
    double[] frequencies = config.rotaryEmbedding().frequencies(config.headSize());
    long[] shape = {contextLength, frequencies.length};
    float[] cosines = new float[contextLength * frequencies.length];
    float[] sines = new float[cosines.length];
    for (int position = 0; position < contextLength; position++) {
      for (int pair = 0; pair < frequencies.length; pair++) {
        double angle = position * frequencies[pair];
        cosines[position * frequencies.length + pair] = (float) StrictMath.cos(angle);
        sines[position * frequencies.length + pair] = (float) StrictMath.sin(angle);
      }
    }
    return new RotaryTables(
        graph.floats("cos_cache", format, shape, cosines),
        graph.floats("sin_cache", format, shape, sines));
  }
}
