package io.millrace.runtime.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.millrace.runtime.device.FloatType;
import io.millrace.runtime.model.GenAiConfig;
import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.ModelException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The inputs and outputs that a loaded graph really has, checked against its configuration.
 *
 * @param names as in the configuration; without attention mask or position ids if the graph takes
 *     none
 * @param layers number of layers
 * @param keyValueHeads heads of the cache
 * @param headSize elements per head
 * @param cacheType element type of the cache: float, float16 or bfloat16
 * @param logitsType element type of the logits: float, float16 or bfloat16
 * @param vocabularySize logits per position
 * @param allPositions whether there are logits for every position, or for the last one only
 * @param cachePositions of each row of the cache, if the graph was made for one number of them
 */
record GraphSignature(
    TensorNames names,
    int layers,
    int keyValueHeads,
    int headSize,
    OnnxJavaType cacheType,
    OnnxJavaType logitsType,
    int vocabularySize,
    boolean allPositions,
    OptionalInt cachePositions) {

  private static final Set<OnnxJavaType> FLOATS =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  /**
   * @throws ModelException if the graph is not what the configuration says, or cannot be run
   */
  static GraphSignature of(Path file, GenAiConfig config, OrtSession session) throws OrtException {
    var inputs = session.getInputInfo();
    var outputs = session.getOutputInfo();
    var names = present(config.names(), inputs);
    requireLengths(file, names);
    requireSame(file, "input", inputNames(names, config.layers()), inputs.keySet());
    requireAll(file, "output", outputNames(names, config.layers()), outputs.keySet());
    requireInt64(file, names, inputs);

    var past = tensor(inputs, TensorNames.ofLayer(names.pastKey(), 0));
    requireCacheShape(file, config, past);
    var logits = tensor(outputs, names.logits());
    long[] shape = logits.getShape();
    if (shape.length != 3 || shape[2] < 1) {
      throw new ModelException(
          file + ": logits must have the shape [batch, positions, vocabulary]");
    }
    return new GraphSignature(
        names,
        config.layers(),
        config.keyValueHeads(),
        config.headSize(),
        requireFloat(file, "the KV cache", past),
        requireFloat(file, "the logits", logits),
        Math.toIntExact(shape[2]),
        shape[1] != 1,
        past.getShape()[2] < 0
            ? OptionalInt.empty()
            : OptionalInt.of(Math.toIntExact(past.getShape()[2])));
  }

  /** The format of the logits. */
  FloatType logitsFormat() {
    return switch (logitsType) {
      case FLOAT -> FloatType.FLOAT32;
      case FLOAT16 -> FloatType.FLOAT16;
      case BFLOAT16 -> FloatType.BFLOAT16;
      default -> throw new IllegalStateException("checked when this was made");
    };
  }

  /**
   * The convention lists attention_mask and position_ids by default; graphs that rotate inside do
   * without the latter, graphs that take each row's length from its positions without the former.
   */
  private static TensorNames present(TensorNames names, Map<String, NodeInfo> inputs) {
    return new TensorNames(
        names.inputIds(),
        names.attentionMask().filter(inputs::containsKey),
        names.positionIds().filter(inputs::containsKey),
        names.pastKey(),
        names.pastValue(),
        names.logits(),
        names.presentKey(),
        names.presentValue());
  }

  private static void requireLengths(Path file, TensorNames names) {
    if (names.attentionMask().isEmpty() && names.positionIds().isEmpty()) {
      throw new ModelException(
          file
              + ": takes neither an attention mask nor positions, so rows cannot differ in length");
    }
  }

  private static Set<String> inputNames(TensorNames names, int layers) {
    Set<String> all = new LinkedHashSet<>();
    all.add(names.inputIds());
    names.attentionMask().ifPresent(all::add);
    names.positionIds().ifPresent(all::add);
    for (int layer = 0; layer < layers; layer++) {
      all.add(TensorNames.ofLayer(names.pastKey(), layer));
      all.add(TensorNames.ofLayer(names.pastValue(), layer));
    }
    return all;
  }

  private static Set<String> outputNames(TensorNames names, int layers) {
    Set<String> all = new LinkedHashSet<>();
    all.add(names.logits());
    for (int layer = 0; layer < layers; layer++) {
      all.add(TensorNames.ofLayer(names.presentKey(), layer));
      all.add(TensorNames.ofLayer(names.presentValue(), layer));
    }
    return all;
  }

  private static void requireSame(Path file, String kind, Set<String> wanted, Set<String> found) {
    requireAll(file, kind, wanted, found);
    Set<String> unknown = new LinkedHashSet<>(found);
    unknown.removeAll(wanted);
    if (!unknown.isEmpty()) {
      throw new ModelException(file + ": takes inputs this runtime does not feed: " + unknown);
    }
  }

  private static void requireAll(Path file, String kind, Set<String> wanted, Set<String> found) {
    Set<String> missing = new LinkedHashSet<>(wanted);
    missing.removeAll(found);
    if (!missing.isEmpty()) {
      throw new ModelException(
          file + ": has no " + kind + " " + missing + " of those genai_config.json names");
    }
  }

  private static void requireInt64(Path file, TensorNames names, Map<String, NodeInfo> inputs) {
    var integers = new LinkedHashSet<String>();
    integers.add(names.inputIds());
    names.attentionMask().ifPresent(integers::add);
    names.positionIds().ifPresent(integers::add);
    for (var name : integers) {
      if (tensor(inputs, name).type != OnnxJavaType.INT64) {
        throw new ModelException(file + ": input " + name + " must be int64");
      }
    }
  }

  private static void requireCacheShape(Path file, GenAiConfig config, TensorInfo past) {
    long[] shape = past.getShape();
    boolean fits =
        shape.length == 4
            && fits(shape[1], config.keyValueHeads())
            && fits(shape[3], config.headSize());
    if (!fits) {
      throw new ModelException(
          "%s: the cache of a layer must have the shape [batch, %d, positions, %d]"
              .formatted(file, config.keyValueHeads(), config.headSize()));
    }
  }

  /** A dynamic dimension is -1. */
  private static boolean fits(long dimension, int expected) {
    return dimension == expected || dimension < 0;
  }

  private static OnnxJavaType requireFloat(Path file, String what, TensorInfo tensor) {
    if (!FLOATS.contains(tensor.type)) {
      throw new ModelException(
          file + ": " + what + " must be float, float16 or bfloat16, not " + tensor.type);
    }
    return tensor.type;
  }

  private static TensorInfo tensor(Map<String, NodeInfo> nodes, String name) {
    return Optional.ofNullable(nodes.get(name))
        .map(NodeInfo::getInfo)
        .filter(TensorInfo.class::isInstance)
        .map(TensorInfo.class::cast)
        .orElseThrow(() -> new ModelException(name + " is not a tensor"));
  }
}
