package io.millrace.schemas.serde;

import io.millrace.events.Completion;
import io.millrace.events.Message;
import io.millrace.events.Prompt;
import io.millrace.events.Sampling;
import io.millrace.events.Status;
import io.millrace.events.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Sample events for the tests. */
public final class Events {

  private Events() {}

  /** A prompt with every kind of field set. */
  public static Prompt prompt() {
    return Prompt.newBuilder()
        .setRequestId("r-1")
        .setConversationId("c-1")
        .setTenant("acme")
        .setTask(Task.CHAT)
        .setMessages(
            List.of(
                new Message("system", "You help customers.", null),
                new Message("user", "Où est ma commande? 📦", "zoë")))
        .setSampling(
            Sampling.newBuilder()
                .setTemperature(0.25)
                .setTopK(40)
                .setSeed(Long.MIN_VALUE)
                .setStop(List.of("\n\n", "END"))
                .build())
        .setDeadline(Instant.ofEpochMilli(1_790_000_000_123L))
        .setPriority(-3)
        .setMetadata(Map.of("order", "10442"))
        .build();
  }

  public static Completion completion() {
    return Completion.newBuilder()
        .setRequestId("r-1")
        .setStatus(Status.COMPLETED)
        .setText("On its way.")
        .setAttempt(1)
        .build();
  }

  /** The configuration of serdes that share a registry of their own in this process. */
  public static Map<String, Object> mockRegistry() {
    return Map.of("schema.registry.url", "mock://" + UUID.randomUUID());
  }
}
