package io.millrace.cli.reply;

import io.millrace.events.Status;
import io.millrace.events.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Many replies in figures, all taken where a user stands: from before the prompt was sent to when
 * the event was received, Kafka's share included.
 *
 * @param prompts how many were sent
 * @param statuses how many ended in which way
 * @param usageRecords how many had their usage record
 * @param tokens received, those of the attempts that counted
 * @param span from the first prompt sent to the last completion received
 * @param firstToken from sending a prompt to its first token
 * @param betweenTokens from each token to the next of the same reply; tokens that are fetched
 *     together have nothing between them
 * @param perToken of each reply, from its first token to its last, divided among all but the first
 * @param batchSizes how many prompts saw which largest batch
 * @param batchSizeMean rows decoded together, averaged over tokens
 * @param costMicros millionths of the price table's currency
 */
public record ReplySummary(
    int prompts,
    Map<Status, Integer> statuses,
    int usageRecords,
    int tokens,
    Duration span,
    Percentiles firstToken,
    Percentiles betweenTokens,
    Percentiles perToken,
    Map<Integer, Integer> batchSizes,
    double batchSizeMean,
    long costMicros) {

  public static ReplySummary of(Collection<Reply> replies) {
    Map<Status, Integer> statuses = new EnumMap<>(Status.class);
    List<Long> firstToken = new ArrayList<>();
    List<Long> betweenTokens = new ArrayList<>();
    List<Long> perToken = new ArrayList<>();
    for (var reply : replies) {
      reply.completion().ifPresent(last -> statuses.merge(last.getStatus(), 1, Integer::sum));
      var tokens = reply.tokenNanos();
      if (!tokens.isEmpty()) {
        firstToken.add(tokens.getFirst() - reply.sentNanos());
      }
      if (tokens.size() > 1) {
        perToken.add((tokens.getLast() - tokens.getFirst()) / (tokens.size() - 1));
      }
      for (int i = 1; i < tokens.size(); i++) {
        betweenTokens.add(tokens.get(i) - tokens.get(i - 1));
      }
    }
    var usage = replies.stream().flatMap(reply -> reply.usage().stream()).toList();
    return new ReplySummary(
        replies.size(),
        statuses,
        usage.size(),
        replies.stream().mapToInt(Reply::tokens).sum(),
        span(replies),
        new Percentiles(firstToken),
        new Percentiles(betweenTokens),
        new Percentiles(perToken),
        batchSizes(usage),
        batchSizeMean(usage),
        usage.stream().mapToLong(Usage::getCostMicros).sum());
  }

  private static Duration span(Collection<Reply> replies) {
    var finished = replies.stream().filter(reply -> reply.completion().isPresent()).toList();
    if (finished.isEmpty()) {
      return Duration.ZERO;
    }
    // nanoTime has no fixed origin: only differences mean something
    long origin = finished.getFirst().sentNanos();
    long first = finished.stream().mapToLong(reply -> reply.sentNanos() - origin).min().orElse(0);
    long last =
        finished.stream().mapToLong(reply -> reply.completedNanos() - origin).max().orElse(0);
    return Duration.ofNanos(last - first);
  }

  private static Map<Integer, Integer> batchSizes(List<Usage> usage) {
    Map<Integer, Integer> sizes = new TreeMap<>();
    usage.forEach(record -> sizes.merge(record.getBatchSizeMax(), 1, Integer::sum));
    return sizes;
  }

  private static double batchSizeMean(List<Usage> usage) {
    double rows = 0;
    long tokens = 0;
    for (var record : usage) {
      rows += record.getBatchSizeMean() * record.getCompletionTokens();
      tokens += record.getCompletionTokens();
    }
    return tokens == 0 ? 0 : rows / tokens;
  }

  public int completed() {
    return statuses.getOrDefault(Status.COMPLETED, 0);
  }

  /** How many have their terminal event, whatever it was. */
  public int ended() {
    return statuses.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Whether each prompt was completed and has its usage record. */
  public boolean isComplete() {
    return completed() == prompts && usageRecords == prompts;
  }

  public double tokensPerSecond() {
    return span.isZero() ? 0 : tokens / (span.toNanos() / 1e9);
  }
}
