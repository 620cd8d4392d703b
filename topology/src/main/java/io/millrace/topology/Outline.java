package io.millrace.topology;

import io.millrace.events.Control;
import io.millrace.events.Prompt;
import io.millrace.runtime.engine.EngineChannel;
import io.millrace.runtime.engine.InferenceEngine;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.PromptEncoder;
import io.millrace.topology.format.EventFormat;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** Stands for the engine and the format in a topology that is described and never run. */
final class Outline implements InferenceEngine, EventFormat {

  @Override
  public ModelInfo model() {
    throw notToBeRun();
  }

  @Override
  public PromptEncoder encoder() {
    throw notToBeRun();
  }

  @Override
  public EngineChannel openChannel(String owner, int capacity, Runnable onEvents) {
    throw notToBeRun();
  }

  @Override
  public int inFlight() {
    return 0;
  }

  @Override
  public boolean isResponsive() {
    return true;
  }

  @Override
  public Deserializer<Prompt> prompts() {
    return (topic, bytes) -> {
      throw notToBeRun();
    };
  }

  @Override
  public Deserializer<Control> controls() {
    return (topic, bytes) -> {
      throw notToBeRun();
    };
  }

  @Override
  public <T extends SpecificRecord> Serializer<T> events(Class<T> type) {
    return (topic, event) -> {
      throw notToBeRun();
    };
  }

  @Override
  public void close() {}

  private static IllegalStateException notToBeRun() {
    return new IllegalStateException("this topology is only for its description");
  }
}
