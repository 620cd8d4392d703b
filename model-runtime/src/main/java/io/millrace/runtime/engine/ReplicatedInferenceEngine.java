package io.millrace.runtime.engine;

import io.millrace.runtime.Releases;
import io.millrace.runtime.model.ModelInfo;
import io.millrace.runtime.prompt.PromptEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Engines of the same model on several devices as one. Each channel, which means each partition, is
 * served by one of them for as long as it is open: the one with the fewest then.
 */
final class ReplicatedInferenceEngine implements InferenceEngine {

  private final List<InferenceEngine> replicas;

  /** Guarded by itself; in the order of the replicas. */
  private final int[] openChannels;

  /** Takes ownership of the replicas, at least one. */
  ReplicatedInferenceEngine(List<InferenceEngine> replicas) {
    this.replicas = List.copyOf(replicas);
    this.openChannels = new int[this.replicas.size()];
  }

  @Override
  public ModelInfo model() {
    return replicas.getFirst().model();
  }

  @Override
  public PromptEncoder encoder() {
    return replicas.getFirst().encoder();
  }

  @Override
  public EngineChannel openChannel(String owner, int capacity, Runnable onEvents) {
    synchronized (openChannels) {
      int chosen = 0;
      for (int replica = 1; replica < openChannels.length; replica++) {
        chosen = openChannels[replica] < openChannels[chosen] ? replica : chosen;
      }
      var channel = replicas.get(chosen).openChannel(owner, capacity, onEvents);
      openChannels[chosen]++;
      return new CountedChannel(channel, chosen);
    }
  }

  private void channelClosed(int replica) {
    synchronized (openChannels) {
      openChannels[replica]--;
    }
  }

  @Override
  public int inFlight() {
    return replicas.stream().mapToInt(InferenceEngine::inFlight).sum();
  }

  @Override
  public boolean isResponsive() {
    return replicas.stream().allMatch(InferenceEngine::isResponsive);
  }

  @Override
  public void close() {
    Releases.all(replicas.stream().map(replica -> (Runnable) replica::close).toList());
  }

  /** A replica's channel that tells when it is closed. */
  private final class CountedChannel implements EngineChannel {

    private final EngineChannel channel;
    private final int replica;

    /** Touched by the owner's thread only. */
    private boolean closed;

    CountedChannel(EngineChannel channel, int replica) {
      this.channel = channel;
      this.replica = replica;
    }

    @Override
    public Admission submit(GenerationRequest request) {
      return channel.submit(request);
    }

    @Override
    public void cancel(String requestId) {
      channel.cancel(requestId);
    }

    @Override
    public @Nullable EngineEvent poll() {
      return channel.poll();
    }

    @Override
    public void close() {
      channel.close();
      if (!closed) {
        closed = true;
        channelClosed(replica);
      }
    }
  }
}
