package io.millrace.runtime.session;

import io.millrace.runtime.model.GenAiConfig.TensorNames;
import io.millrace.runtime.model.GraphInputs;
import io.millrace.runtime.model.ModelDirectory;
import io.millrace.runtime.model.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The shapes that TensorRT builds its engine for, as its options want them: {@code name:1x64,...}
 * for every input that is not of one shape.
 *
 * <p>One profile covers every step: 1 to all slots, and 1 to a chunk of positions. So nothing is
 * ever built while prompts wait, and no step is refused. It is best at the step that is most
 * frequent under load, one position of every slot.
 *
 * @param least of every dimension
 * @param best what the engine is made for
 * @param most of every dimension
 */
record TensorRtProfile(String least, String best, String most) {

  /** What a run may choose. */
  private record Sizes(int batch, int positions, int total) {}

  /**
   * Reads the graph's inputs and makes the profile.
   *
   * @throws ModelException if a dimension is free that this runtime does not know
   */
  static TensorRtProfile of(ModelDirectory model, SessionSettings settings) {
    var inputs = GraphInputs.shapes(model.graphFile());
    var names = model.config().names();
    int capacity = Math.min(settings.capacity(), model.config().contextLength());
    int chunk = Math.min(settings.prefillChunk(), capacity);
    return new TensorRtProfile(
        shapes(inputs, names, new Sizes(1, 1, 1)),
        shapes(inputs, names, new Sizes(settings.slots(), 1, capacity)),
        shapes(inputs, names, new Sizes(settings.slots(), chunk, capacity)));
  }

  private static String shapes(
      Map<String, List<OptionalLong>> inputs, TensorNames names, Sizes sizes) {
    List<String> shapes = new ArrayList<>();
    for (var input : inputs.entrySet()) {
      if (input.getValue().stream().anyMatch(OptionalLong::isEmpty)) {
        shapes.add(input.getKey() + ":" + shape(input.getKey(), input.getValue(), names, sizes));
      }
    }
    return String.join(",", shapes);
  }

  private static String shape(
      String name, List<OptionalLong> dimensions, TensorNames names, Sizes sizes) {
    List<String> lengths = new ArrayList<>();
    for (int axis = 0; axis < dimensions.size(); axis++) {
      var length = dimensions.get(axis);
      lengths.add(
          Long.toString(
              length.isPresent() ? length.getAsLong() : chosen(name, axis, names, sizes)));
    }
    return String.join("x", lengths);
  }

  /** Batch first, everywhere; then positions, or those of the past with them. */
  private static int chosen(String name, int axis, TensorNames names, Sizes sizes) {
    boolean isMask = names.attentionMask().filter(name::equals).isPresent();
    boolean isTokens =
        name.equals(names.inputIds()) || names.positionIds().filter(name::equals).isPresent();
    if (axis == 0) {
      return sizes.batch();
    }
    if (axis == 1 && isTokens) {
      return sizes.positions();
    }
    if (axis == 2 || (axis == 1 && isMask)) {
      return sizes.total();
    }
    throw new ModelException("input %s has a free dimension %d".formatted(name, axis));
  }
}
