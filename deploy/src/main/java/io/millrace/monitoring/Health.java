package io.millrace.monitoring;

import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.topology.MillraceApplication;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KafkaStreams.State;
import org.jspecify.annotations.Nullable;

/**
 * Whether a processor lives and takes prompts, for who supervises it. Told of its parts as they
 * come; safe for use by several threads.
 */
public final class Health {

  private volatile @Nullable InferenceEngine engine;
  private volatile @Nullable MillraceApplication application;

  /** The model is loaded. */
  public void loaded(InferenceEngine loaded) {
    engine = loaded;
  }

  /** The processor is put together. */
  public void assembled(MillraceApplication assembled) {
    application = assembled;
  }

  /** What only a new process mends; empty if it lives. One that still loads lives. */
  public List<String> deadly() {
    List<String> problems = new ArrayList<>();
    var loaded = engine;
    if (loaded != null && !loaded.isResponsive()) {
      problems.add("the engine hangs in a step that cannot be stopped");
    }
    var assembled = application;
    if (assembled != null && hasEnded(assembled.state())) {
      problems.add("the processor has ended: " + assembled.state());
    }
    return problems;
  }

  private static boolean hasEnded(State state) {
    return state == State.PENDING_ERROR || state.hasCompletedShutdown();
  }

  /** Why it takes no prompts now; empty if it does. */
  public List<String> hindrances() {
    List<String> problems = new ArrayList<>(deadly());
    var assembled = application;
    if (engine == null) {
      problems.add("the model is being loaded");
    } else if (assembled == null) {
      problems.add("the processor is being put together");
    } else if (assembled.state() != State.RUNNING && problems.isEmpty()) {
      problems.add("partitions are being assigned, or what was in flight restored");
    }
    return problems;
  }
}
