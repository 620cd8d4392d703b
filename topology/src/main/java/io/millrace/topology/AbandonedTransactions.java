package io.millrace.topology;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.GroupState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aborts the transactions that killed instances have left open. The next owner of their partitions
 * waits for the end of these, and so does everyone who reads committed; the broker itself would
 * abort them after their timeout, and up to ten seconds more until it looks.
 *
 * <p>Kafka Streams names a transaction {@code application-process-thread}, and the members of its
 * group {@code application-process-StreamThread-…}. A transaction is abandoned if the group has no
 * member of its process: an instance joins the group before it opens a transaction, and one that
 * was thrown out of it may write nothing more. An instance that comes back under its old name while
 * its transaction is being aborted may lose the next one too; it joins the group again then, and
 * nothing is lost.
 *
 * <p>Asks on a thread of its own, for as long as this instance waits for its partitions. Safe for
 * use by several threads.
 */
final class AbandonedTransactions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AbandonedTransactions.class);

  private static final Duration PERIOD = Duration.ofMillis(500);

  /** Of one question; short, since a new one follows soon. */
  private static final int TIMEOUT_MILLIS = 2_000;

  private static final String PROCESS = "-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-";

  /** Those of a group whose members are known. */
  private static final Set<GroupState> WITH_MEMBERS =
      Set.of(GroupState.STABLE, GroupState.PREPARING_REBALANCE, GroupState.COMPLETING_REBALANCE);

  private final Properties properties;
  private final String applicationId;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("millrace-transactions").factory());

  private @Nullable Admin admin;
  private @Nullable ScheduledFuture<?> looking;
  private boolean closed;

  /**
   * @param properties for a client that asks the brokers
   */
  AbandonedTransactions(Properties properties, String applicationId) {
    this.properties = properties;
    this.applicationId = applicationId;
  }

  /** Looks for them now and again, until told to {@link #rest}. */
  synchronized void look() {
    if (looking == null && !closed) {
      looking =
          thread.scheduleWithFixedDelay(this::abort, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Looks no more. */
  synchronized void rest() {
    if (looking != null) {
      looking.cancel(false);
      looking = null;
    }
  }

  private synchronized Admin admin() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (admin == null) {
      admin = Admin.create(properties);
    }
    return admin;
  }

  private void abort() {
    try {
      var client = admin();
      // The transactions first: who opens one meanwhile is a member already.
      var open = open(client);
      if (open.isEmpty()) {
        return;
      }
      var group =
          Objects.requireNonNull(
              client
                  .describeConsumerGroups(
                      List.of(applicationId),
                      new DescribeConsumerGroupsOptions().timeoutMs(TIMEOUT_MILLIS))
                  .all()
                  .get()
                  .get(applicationId));
      var members = group.members().stream().map(MemberDescription::clientId).toList();
      var abandoned = among(open, applicationId, group.groupState(), members);
      if (!abandoned.isEmpty()) {
        LOG.info("The transactions {} have lost their processes and are aborted", abandoned);
        client
            .fenceProducers(abandoned, new FenceProducersOptions().timeoutMs(TIMEOUT_MILLIS))
            .all()
            .get();
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | RuntimeException failure) {
      LOG.debug("Whether there are transactions of lost processes is not known", failure);
    }
  }

  private static List<String> open(Admin client) throws ExecutionException, InterruptedException {
    return client
        .listTransactions(
            new ListTransactionsOptions()
                .filterStates(Set.of(TransactionState.ONGOING))
                .timeoutMs(TIMEOUT_MILLIS))
        .all()
        .get()
        .stream()
        .map(TransactionListing::transactionalId)
        .toList();
  }

  /**
   * Those of some open transactions that no one will end.
   *
   * @param members the client ids of the application's group; if one does not tell its process,
   *     none is abandoned
   */
  static List<String> among(
      Collection<String> open, String applicationId, GroupState state, Collection<String> members) {
    var transaction = Pattern.compile(Pattern.quote(applicationId) + PROCESS + "\\d+");
    var member = Pattern.compile(Pattern.quote(applicationId) + PROCESS + "StreamThread-.+");
    boolean areKnown =
        WITH_MEMBERS.contains(state)
            && !members.isEmpty()
            && members.stream().allMatch(member.asMatchPredicate());
    if (!areKnown) {
      return List.of();
    }
    var processes = members.stream().map(name -> process(member, name)).collect(Collectors.toSet());
    return open.stream()
        .filter(transaction.asMatchPredicate())
        .filter(name -> !processes.contains(process(transaction, name)))
        .toList();
  }

  private static String process(Pattern pattern, String name) {
    var matcher = pattern.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(name);
    }
    return matcher.group(1);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    synchronized (this) {
      closed = true;
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }
}
