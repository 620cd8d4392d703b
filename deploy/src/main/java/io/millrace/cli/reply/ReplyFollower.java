package io.millrace.cli.reply;

import io.millrace.cli.reply.ReplyEvent.CompletionReceived;
import io.millrace.cli.reply.ReplyEvent.TokenReceived;
import io.millrace.cli.reply.ReplyEvent.UsageReceived;
import io.millrace.events.Completion;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads what comes back: tokens uncommitted, so that they are seen as they are made; completions
 * and usage committed, so that they are final. Each topic is read by a thread of its own, because
 * one that waits for a commit must not hold up the other.
 *
 * <p>It reads from the moment it was made: what was there before is skipped. Deserializers that
 * fail end the follower; {@link #poll} then throws.
 */
public final class ReplyFollower implements AutoCloseable {

  private final BlockingQueue<ReplyEvent> events = new LinkedBlockingQueue<>();
  private final List<TopicReader<?>> readers = new ArrayList<>();

  /** Returns when every partition's end is known: what is sent from then on is not missed. */
  public ReplyFollower(Clients clients) {
    var topics = clients.topics();
    try {
      readers.add(
          new TopicReader<>(
              clients.consumerProperties("read_uncommitted"),
              topics.tokensTopic(),
              clients.serde(Token.class).deserializer(),
              (token, nanos) -> events.add(new TokenReceived(token, nanos))));
      readers.add(
          new TopicReader<>(
              clients.consumerProperties("read_committed"),
              topics.completionsTopic(),
              clients.serde(Completion.class).deserializer(),
              (completion, nanos) -> events.add(new CompletionReceived(completion, nanos))));
      readers.add(
          new TopicReader<>(
              clients.consumerProperties("read_committed"),
              topics.usageTopic(),
              clients.serde(Usage.class).deserializer(),
              (usage, nanos) -> events.add(new UsageReceived(usage, nanos))));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    readers.forEach(TopicReader::start);
  }

  /**
   * The next event, or null if none came in time.
   *
   * @throws IllegalStateException if a topic can no longer be read
   */
  public @Nullable ReplyEvent poll(Duration wait) throws InterruptedException {
    var event = events.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    if (event == null) {
      readers.forEach(TopicReader::throwIfFailed);
    }
    return event;
  }

  @Override
  public void close() {
    readers.forEach(TopicReader::stop);
    readers.forEach(TopicReader::close);
  }
}
