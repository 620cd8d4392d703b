package io.millrace.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs a graph over rows of its cache. Belongs to one thread, but for {@link #interrupt}.
 *
 * <p>A step of one token for each of the first rows has the same shapes and addresses whenever it
 * has the same number of rows; where the provider can, the first such step is recorded and later
 * ones are replayed, which saves starting some hundred kernels one by one.
 */
final class GraphRuns implements AutoCloseable {

  /** The number of the graph to record or replay; each number is a graph of its own. */
  private static final String GRAPH_ID = "gpu_graph_id";

  private static final String NO_GRAPH = "-1";

  private record Rows(int first, int count) {}

  private final ModelSession model;
  private final KeyValueCache cache;
  private final Tensors tensors;
  private final StepInputs inputs;
  private final LogitsBuffer logits;
  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> names = new HashMap<>();
  private final Map<Rows, IoBinding> bindings = new HashMap<>();

  /** Indexed by the number of rows; 0 is for steps that are not replayed. */
  private final RunOptions[] options;

  private volatile RunOptions current;

  GraphRuns(
      ModelSession model,
      KeyValueCache cache,
      Tensors tensors,
      StepInputs inputs,
      LogitsBuffer logits,
      int rows)
      throws OrtException {
    this.model = model;
    this.cache = cache;
    this.tensors = tensors;
    this.inputs = inputs;
    this.logits = logits;
    options = new RunOptions[rows + 1];
    current = options(0);
  }

  private RunOptions options(int graph) throws OrtException {
    if (options[graph] == null) {
      var made = new RunOptions();
      if (model.replays()) {
        made.addRunConfigEntry(GRAPH_ID, graph == 0 ? NO_GRAPH : Integer.toString(graph));
      }
      options[graph] = made;
    }
    return options[graph];
  }

  /** Runs one row over the inputs described last. */
  void prefill(int row, int logitsPositions) throws OrtException {
    run(new Rows(row, 1), logitsPositions, options(0));
  }

  /** Runs one token for each of the rows over the inputs described last. */
  void decode(int first, int count) throws OrtException {
    boolean replays = model.replays() && first == 0;
    run(new Rows(first, count), 1, options(replays ? count : 0));
  }

  private void run(Rows rows, int logitsPositions, RunOptions run) throws OrtException {
    var binding = binding(rows);
    inputs.bind(binding);
    logits.bind(binding, rows.count(), logitsPositions);
    run.setTerminate(false);
    current = run;
    model.device().settle();
    binding.run(run);
  }

  private IoBinding binding(Rows rows) throws OrtException {
    var known = bindings.get(rows);
    if (known != null) {
      return known;
    }
    var made = new IoBinding(model.session(), this::name);
    try {
      cache.bind(made, tensors, rows.first(), rows.count());
    } catch (OrtException | RuntimeException | Error failure) {
      made.close();
      throw failure;
    }
    bindings.put(rows, made);
    return made;
  }

  private MemorySegment name(String name) {
    return names.computeIfAbsent(name, arena::allocateFrom);
  }

  /** As {@link Decoder#interrupt}: may be called by any thread. */
  void interrupt() {
    try {
      current.setTerminate(true);
    } catch (OrtException | IllegalStateException closed) {
      // There is no step any more that could be stopped.
    }
  }

  @Override
  public void close() {
    bindings.values().forEach(IoBinding::close);
    bindings.clear();
    for (var option : options) {
      if (option != null) {
        option.close();
      }
    }
    arena.close();
  }
}
