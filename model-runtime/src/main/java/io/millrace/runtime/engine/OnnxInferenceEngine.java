package io.millrace.runtime.engine;

import io.millrace.runtime.metrics.EngineMeters;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.PromptEncoder;
import io.millrace.runtime.session.Decoder;
import io.millrace.runtime.tokenizer.Tokenizer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An engine over one decoder; see {@link EngineAgent} for what it does in which order. */
final class OnnxInferenceEngine implements InferenceEngine {

  private static final Logger LOG = LoggerFactory.getLogger(OnnxInferenceEngine.class);

  private final ModelInfo model;
  private final PromptEncoder encoder;
  private final Tokenizer tokenizer;
  private final Decoder decoder;
  private final @Nullable DraftModel draftModel;
  private final EngineEntrance entrance;
  private final EngineMeters meters;
  private final EngineThread thread;
  private final StepWatchdog watchdog;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes ownership of tokenizer, decoder, draft model and meters. The thread runs from now on. */
  OnnxInferenceEngine(
      ModelInfo model,
      PromptEncoder encoder,
      Tokenizer tokenizer,
      Decoder decoder,
      @Nullable DraftModel draftModel,
      EngineEntrance entrance,
      EngineAgent agent,
      StepWatchdog watchdog,
      EngineMeters meters) {
    this.model = model;
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    this.decoder = decoder;
    this.draftModel = draftModel;
    this.entrance = entrance;
    this.watchdog = watchdog;
    this.meters = meters;
    this.thread =
        new EngineThread(
            "millrace-engine-" + model.name(),
            agent,
            failure -> LOG.error("The engine's loop failed and goes on", failure));
    meters.observe(agent::running, entrance::waiting);
    entrance.onWork(thread::wake);
    thread.start();
    watchdog.start("millrace-watchdog-" + model.name());
    if (draftModel != null) {
      draftModel.start("millrace-draft-watchdog-" + model.name());
    }
  }

  @Override
  public ModelInfo model() {
    return model;
  }

  @Override
  public PromptEncoder encoder() {
    return encoder;
  }

  @Override
  public EngineChannel openChannel(String owner, int capacity, Runnable onEvents) {
    if (entrance.isClosed()) {
      throw new IllegalStateException("the engine is closed");
    }
    return new QueuedChannel(owner, capacity, entrance, onEvents);
  }

  @Override
  public int inFlight() {
    return entrance.inFlight();
  }

  @Override
  public boolean isResponsive() {
    return thread.isAlive() && !isStuck();
  }

  private boolean isStuck() {
    return watchdog.isStuck() || (draftModel != null && draftModel.isStuck());
  }

  /** Does not free the model under a step that cannot be stopped: the process is to end then. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      entrance.close();
      boolean hasEnded = thread.close(this::isStuck);
      watchdog.close();
      meters.close();
      if (hasEnded) {
        decoder.close();
        if (draftModel != null) {
          draftModel.close();
        }
        tokenizer.close();
      } else {
        LOG.error("A step of the model cannot be stopped, so its memory is not freed");
      }
    }
  }
}
