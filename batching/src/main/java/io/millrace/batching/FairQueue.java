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
 * <p>A flow is one {@link Schedulable#source() source} of one {@link Schedulable#tenant() tenant},
 * and the flows of a tenant have one share together. Within a flow prompts keep their order.
 * Adding, taking and removing take the logarithm of the number of flows.
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
  private final Map<String, Integer> flowsOfTenant = new HashMap<>();
  private final NavigableSet<Flow<P>> turns =
      new TreeSet<>(
          Comparator.<Flow<P>>comparingDouble(flow -> flow.turn)
              .thenComparingLong(flow -> flow.number));

  /** The turn of the prompt that was taken last. */
  private double now;

  private long numbers;

  FairQueue(TokenEstimate estimate) {
    this.estimate = estimate;
  }

  boolean isEmpty() {
    return turns.isEmpty();
  }

  void add(Waiting<P> prompt) {
    var key = keyOf(prompt.prompt());
    var flow = flows.get(key);
    if (flow == null) {
      flow = new Flow<>(key, numbers++, now);
      flows.put(key, flow);
      flowsOfTenant.merge(key.tenant(), 1, Integer::sum);
    }
    flow.prompts.add(prompt);
    if (flow.prompts.size() == 1) {
      takeTurn(flow);
    }
  }

  /** The prompt whose turn it is. Not to be called on an empty queue. */
  Waiting<P> next() {
    return turns.first().prompts.getFirst();
  }

  /** Takes the prompt whose turn it is; its tokens count for its flow. */
  void serve() {
    var flow = turns.pollFirst();
    now = Math.max(now, flow.turn);
    flow.start = flow.turn;
    flow.prompts.removeFirst();
    goOn(flow);
  }

  /** Takes a prompt out that will not be served. */
  void remove(Waiting<P> prompt) {
    var flow = requireNonNull(flows.get(keyOf(prompt.prompt())), "not in this queue");
    boolean isFirst = flow.prompts.getFirst() == prompt;
    flow.prompts.remove(prompt);
    if (isFirst) {
      turns.remove(flow);
      goOn(flow);
    }
  }

  /**
   * Counts what a prompt that was served has used beyond what was expected, or has not, if its flow
   * has others to wait for it.
   */
  void correct(P served, long tokens) {
    var flow = flows.get(keyOf(served));
    if (flow != null) {
      turns.remove(flow);
      double more = tokens * slowness(flow);
      flow.start += more;
      flow.turn += more;
      turns.add(flow);
    }
  }

  private void goOn(Flow<P> flow) {
    if (flow.prompts.isEmpty()) {
      flows.remove(flow.key);
      flowsOfTenant.computeIfPresent(
          flow.key.tenant(), (tenant, count) -> count == 1 ? null : count - 1);
    } else {
      takeTurn(flow);
    }
  }

  private void takeTurn(Flow<P> flow) {
    long tokens = estimate.of(flow.prompts.getFirst().prompt());
    flow.turn = flow.start + tokens * slowness(flow);
    turns.add(flow);
  }

  /** A flow that has its tenant's share with others gets on that much slower. */
  private double slowness(Flow<P> flow) {
    return flowsOfTenant.getOrDefault(flow.key.tenant(), 1);
  }

  private Key keyOf(P prompt) {
    return new Key(prompt.tenant(), prompt.source());
  }
}
