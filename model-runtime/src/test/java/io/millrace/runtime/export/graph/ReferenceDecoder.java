package io.millrace.runtime.export.graph;

import io.millrace.runtime.export.checkpoint.Checkpoint;
import io.millrace.runtime.export.checkpoint.LlamaConfig;
import io.millrace.runtime.export.checkpoint.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * A Llama decoder written down from its definition, in double precision, without a cache: what an
 * exported graph is compared with.
 */
final class ReferenceDecoder {

  private final Checkpoint checkpoint;
  private final LlamaConfig config;
  private final Rounding rounding;

  ReferenceDecoder(Checkpoint checkpoint, Rounding rounding) {
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    this.rounding = rounding;
  }

  /** The logits after the last of the tokens. */
  double[] logits(int... tokens) {
    Matrix embedding =
        checkpoint.matrix(
            "model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
    List<double[]> states = new ArrayList<>();
    for (int token : tokens) {
      states.add(rounding.weights(row(embedding, token)));
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      attention("model.layers." + layer, states);
      for (double[] state : states) {
        feedForward("model.layers." + layer, state);
      }
    }
    Matrix head =
        config.tiedEmbeddings()
            ? embedding
            : checkpoint.matrix("lm_head.weight", config.vocabularySize(), config.hiddenSize());
    return multiply(head, normalize("model.norm", states.getLast()));
  }

  private void attention(String prefix, List<double[]> states) {
    String name = prefix + ".self_attn";
    List<double[]> keys = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (int position = 0; position < states.size(); position++) {
      double[] input = normalize(prefix + ".input_layernorm", states.get(position));
      double[] query = project(name + ".q_proj", config.querySize(), input, config.inputBias());
      double[] key = project(name + ".k_proj", config.keyValueSize(), input, config.inputBias());
      rotate(query, position);
      rotate(key, position);
      keys.add(key);
      values.add(project(name + ".v_proj", config.keyValueSize(), input, config.inputBias()));
      double[] attended = attend(query, keys, values);
      add(
          states.get(position),
          project(name + ".o_proj", config.hiddenSize(), attended, config.outputBias()));
    }
  }

  private double[] attend(double[] query, List<double[]> keys, List<double[]> values) {
    int size = config.headSize();
    double[] attended = new double[query.length];
    for (int head = 0; head < config.attentionHeads(); head++) {
      int shared = head / (config.attentionHeads() / config.keyValueHeads());
      double[] weights = new double[keys.size()];
      double sum = 0;
      for (int position = 0; position < weights.length; position++) {
        double score = 0;
        for (int i = 0; i < size; i++) {
          score += query[head * size + i] * keys.get(position)[shared * size + i];
        }
        weights[position] = Math.exp(score / Math.sqrt(size));
        sum += weights[position];
      }
      for (int position = 0; position < weights.length; position++) {
        for (int i = 0; i < size; i++) {
          attended[head * size + i] +=
              weights[position] / sum * values.get(position)[shared * size + i];
        }
      }
    }
    return attended;
  }

  private void feedForward(String prefix, double[] state) {
    double[] input = normalize(prefix + ".post_attention_layernorm", state);
    int inner = config.intermediateSize();
    double[] gate = project(prefix + ".mlp.gate_proj", inner, input, false);
    double[] up = project(prefix + ".mlp.up_proj", inner, input, false);
    for (int i = 0; i < inner; i++) {
      up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
    }
    add(state, project(prefix + ".mlp.down_proj", config.hiddenSize(), up, false));
  }

  private double[] project(String name, int outputs, double[] input, boolean hasBias) {
    double[] product = multiply(checkpoint.matrix(name + ".weight", outputs, input.length), input);
    if (hasBias) {
      float[] bias = checkpoint.vector(name + ".bias", outputs);
      for (int i = 0; i < outputs; i++) {
        product[i] += bias[i];
      }
    }
    return product;
  }

  private double[] multiply(Matrix matrix, double[] exactInput) {
    double[] input = rounding.activations(exactInput);
    double[] product = new double[matrix.rows()];
    for (int i = 0; i < product.length; i++) {
      double[] weights = rounding.weights(row(matrix, i));
      for (int k = 0; k < input.length; k++) {
        product[i] += weights[k] * input[k];
      }
    }
    return product;
  }

  private double[] normalize(String name, double[] state) {
    float[] weights = checkpoint.vector(name + ".weight", state.length);
    double squares = 0;
    for (double value : state) {
      squares += value * value;
    }
    double scale = 1 / Math.sqrt(squares / state.length + config.normEpsilon());
    double[] normalized = new double[state.length];
    for (int i = 0; i < state.length; i++) {
      normalized[i] = state[i] * scale * weights[i];
    }
    return normalized;
  }

  private void rotate(double[] heads, int position) {
    double[] frequencies = config.rotaryEmbedding().frequencies(config.headSize());
    int half = frequencies.length;
    for (int head = 0; head < heads.length; head += config.headSize()) {
      for (int i = 0; i < half; i++) {
        double first = heads[head + i];
        double second = heads[head + half + i];
        double cosine = Math.cos(position * frequencies[i]);
        double sine = Math.sin(position * frequencies[i]);
        heads[head + i] = first * cosine - second * sine;
        heads[head + half + i] = second * cosine + first * sine;
      }
    }
  }

  private static void add(double[] state, double[] addend) {
    for (int i = 0; i < state.length; i++) {
      state[i] += addend[i];
    }
  }

  private static double[] row(Matrix matrix, int index) {
    float[] row = new float[matrix.columns()];
    matrix.readRow(index, row);
    double[] wide = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      wide[i] = row[i];
    }
    return wide;
  }
}
