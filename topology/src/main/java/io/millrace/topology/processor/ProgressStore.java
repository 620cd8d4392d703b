package io.millrace.topology.processor;

import io.millrace.topology.state.Progress;
import java.util.Arrays;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Checkpoints of generations, by request id: the tokens that an attempt after an interruption need
 * not find again. Apart from the prompts in flight, so that a checkpoint does not repeat a prompt.
 */
final class ProgressStore {

  private static final int[] NONE = {};

  /** An int takes at most this much in Avro. */
  private static final int BYTES_PER_TOKEN = 5;

  private static final int OVERHEAD_BYTES = 4 << 10;

  private final KeyValueStore<String, Progress> checkpoints;
  private final int everyTokens;
  private final long mostTokens;

  /**
   * @param everyTokens between two checkpoints; 0 for none
   * @param maxRecordBytes of the changelog
   */
  ProgressStore(KeyValueStore<String, Progress> checkpoints, int everyTokens, long maxRecordBytes) {
    this.checkpoints = checkpoints;
    this.everyTokens = everyTokens;
    this.mostTokens = (maxRecordBytes - OVERHEAD_BYTES) / BYTES_PER_TOKEN;
  }

  /** Writes a checkpoint if it is time for one. */
  void note(Flight flight) {
    var transcript = flight.transcript();
    boolean isDue =
        transcript.contradictsCheckpoint()
            || (everyTokens > 0
                && transcript.certainSize() >= transcript.checkpointed() + everyTokens);
    if (isDue && transcript.certainSize() <= mostTokens) {
      write(flight.requestId(), transcript.certainTokens());
      transcript.checkpointWritten();
    }
  }

  private void write(String requestId, int[] tokens) {
    if (tokens.length == 0) {
      checkpoints.delete(requestId);
    } else {
      checkpoints.put(requestId, new Progress(Arrays.stream(tokens).boxed().toList()));
    }
  }

  /** The tokens of a prompt's last checkpoint; none if it has none. */
  int[] tokens(String requestId) {
    var progress = checkpoints.get(requestId);
    return progress == null
        ? NONE
        : progress.getTokens().stream().mapToInt(Integer::intValue).toArray();
  }

  /** A prompt has ended. */
  void delete(Flight flight) {
    if (flight.transcript().checkpointed() > 0) {
      checkpoints.delete(flight.requestId());
    }
  }
}
