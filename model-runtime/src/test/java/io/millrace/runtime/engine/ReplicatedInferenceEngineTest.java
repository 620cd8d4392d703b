package io.millrace.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.PromptEncoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicatedInferenceEngineTest {

  private final Replica first = new Replica();
  private final Replica second = new Replica();
  private final ReplicatedInferenceEngine engine =
      new ReplicatedInferenceEngine(List.of(first, second));

  private EngineChannel open(String owner) {
    return engine.openChannel(owner, 10, () -> {});
  }

  @Test
  void channelsAreSpreadOverTheReplicas() {
    open("a");
    open("b");
    open("c");
    open("d");
    assertThat(first.owners).containsExactly("a", "c");
    assertThat(second.owners).containsExactly("b", "d");
  }

  @Test
  void aClosedChannelMakesRoomForAnother() {
    var closed = open("a");
    open("b");
    closed.close();
    closed.close();
    open("c");
    open("d");
    assertThat(first.owners).containsExactly("a", "c", "d");
  }

  @Test
  void isClosedWithAllReplicas() {
    engine.close();
    assertThat(first.closed).isTrue();
    assertThat(second.closed).isTrue();
  }

  @Test
  void countsWhatIsInFlightEverywhere() {
    first.inFlight = 3;
    second.inFlight = 4;
    assertThat(engine.inFlight()).isEqualTo(7);
  }

  @Test
  void itRespondsIfAllDo() {
    assertThat(engine.isResponsive()).isTrue();
    second.responsive = false;
    assertThat(engine.isResponsive()).isFalse();
  }

  /** Remembers who has opened channels. */
  private static final class Replica implements InferenceEngine {

    private final List<String> owners = new ArrayList<>();
    private int inFlight;
    private boolean responsive = true;
    private boolean closed;

    @Override
    public ModelInfo model() {
      throw new UnsupportedOperationException();
    }

    @Override
    public PromptEncoder encoder() {
      throw new UnsupportedOperationException();
    }

    @Override
    public EngineChannel openChannel(String owner, int capacity, Runnable onEvents) {
      owners.add(owner);
      return new SilentChannel();
    }

    @Override
    public boolean isResponsive() {
      return responsive;
    }

    @Override
    public int inFlight() {
      return inFlight;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** Takes nothing and says nothing. */
  private static final class SilentChannel implements EngineChannel {

    @Override
    public Admission submit(GenerationRequest request) {
      return Admission.BUSY;
    }

    @Override
    public void cancel(String requestId) {
      // Nothing was taken.
    }

    @Override
    public @Nullable EngineEvent poll() {
      return null;
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
