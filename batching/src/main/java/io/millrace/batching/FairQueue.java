package io.millrace.batching;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * Prompts of several flows, served so that each flow gets its share of tokens, however many prompts
 * it has and however long they are: self-clocked fair queueing, in which a prompt's turn is when a
 * server that worked on all flows at once would have finished it. A flow that was away starts with
 * the others and has no credit; no flow, however many new ones come, waits for ever.
 *
 * <p>How long an answer will be is not known when its prompt is served: the flow is charged what is
 * expected, and the difference when the answer has come. A flow that owes something is remembered
 * until the others have had as much.
 *
 * <p>A flow is one {@link Schedulable#source() source} of one {@link Schedulable#tenant() tenant},
 * and the flows of a tenant that wait have one share together. Within a flow prompts keep their
 * order. Adding, serving and removing take the logarithm of the number of flows.
 *
 * @see <a href="https://doi.org/10.1109/INFCOM.1994.337677">Golestani, A Self-Clocked Fair Queueing
 *     Scheme (INFOCOM 1994)</a>
 */
final class FairQueue<P extends Schedulable> {

  private record Key(String tenant, Object source) {}

  /** Told apart by identity. */
  private static final class Flow<P extends Schedulable> {

    final Key key;
    final long number;
    final SequencedSet<Waiting<P>> prompts = new LinkedHashSet<>();

    /** Prompts that were served and are not answered. */
    int unanswered;

    /** The turn of the prompt before the first. */
    double start;

    /** Of the first prompt. */
    double turn;

    Flow(Key key, long number, double start) {
      this.key = key;
      this.number = number;
      this.start = start;
    }
  }

  private final TokenEstimate estimate;
  private final Map<Key, Flow<P>> flows = new HashMap<>();

  /** How many flows of a tenant wait. */
  private final Map<String, Integer> waitingFlows = new HashMap<>();

  private final NavigableSet<Flow<P>> turns =
      new TreeSet<>(
          Comparator.<Flow<P>>comparingDouble(flow -> flow.turn)
              .thenComparingLong(flow -> flow.number));

  /** Neither wait nor run, but are charged with more than the others. */
  private final NavigableSet<Flow<P>> indebted =
      new TreeSet<>(
          Comparator.<Flow<P>>comparingDouble(flow -> flow.start)
              .thenComparingLong(flow -> flow.number));

  /** The turn of the prompt that was served last. */
  private double now;

  private long numbers;

  FairQueue(TokenEstimate estimate) {
    this.estimate = estimate;
  }

  /** Whether nothing waits or runs, so that there is no one to be fair to. */
  boolean isIdle() {
    return flows.size() == indebted.size();
  }

  void add(Waiting<P> prompt) {
    var flow =
        flows.computeIfAbsent(keyOf(prompt.prompt()), key -> new Flow<>(key, numbers++, now));
    flow.prompts.add(prompt);
    if (flow.prompts.size() == 1) {
      indebted.remove(flow);
      flow.start = Math.max(flow.start, now);
      waitingFlows.merge(flow.key.tenant(), 1, Integer::sum);
      takeTurn(flow);
    }
  }

  /** The prompt whose turn it is. Not to be called on an empty queue. */
  Waiting<P> next() {
    return turns.first().prompts.getFirst();
  }

  /** Serves the prompt whose turn it is; what it is expected to take is charged to its flow. */
  void serve() {
    var flow = turns.pollFirst();
    now = Math.max(now, flow.turn);
    flow.start = flow.turn;
    flow.unanswered++;
    flow.prompts.removeFirst();
    goOn(flow);
    while (!indebted.isEmpty() && indebted.first().start <= now) {
      flows.remove(indebted.pollFirst().key);
    }
  }

  /** Takes a prompt out that will not be served. */
  void remove(Waiting<P> prompt) {
    var flow = flowOf(prompt);
    boolean isFirst = flow.prompts.getFirst() == prompt;
    flow.prompts.remove(prompt);
    if (isFirst) {
      turns.remove(flow);
      goOn(flow);
    }
  }

  /** Charges the flow of a prompt that was served with what it really took. */
  void answered(Waiting<P> prompt, long tokens) {
    var flow = flowOf(prompt);
    boolean waits = turns.remove(flow);
    double difference = (tokens - prompt.chargedTokens()) * slowness(flow);
    flow.start += difference;
    flow.turn += difference;
    flow.unanswered--;
    if (waits) {
      turns.add(flow);
    } else {
      rest(flow);
    }
  }

  private void goOn(Flow<P> flow) {
    if (flow.prompts.isEmpty()) {
      waitingFlows.computeIfPresent(
          flow.key.tenant(), (tenant, count) -> count == 1 ? null : count - 1);
      rest(flow);
    } else {
      takeTurn(flow);
    }
  }

  private void rest(Flow<P> flow) {
    if (flow.unanswered == 0) {
      if (flow.start > now) {
        indebted.add(flow);
      } else {
        flows.remove(flow.key);
      }
    }
  }

  private void takeTurn(Flow<P> flow) {
    var prompt = flow.prompts.getFirst();
    prompt.charge(estimate.of(prompt.prompt()));
    flow.turn = flow.start + prompt.chargedTokens() * slowness(flow);
    turns.add(flow);
  }

  /** A flow that has its tenant's share with others gets on that much slower. */
  private double slowness(Flow<P> flow) {
    return waitingFlows.getOrDefault(flow.key.tenant(), 1);
  }

  private Flow<P> flowOf(Waiting<P> prompt) {
    return requireNonNull(flows.get(keyOf(prompt.prompt())), "neither waits nor runs");
  }

  private Key keyOf(P prompt) {
    return new Key(prompt.tenant(), prompt.source());
  }
}
