package io.millrace.topology;

import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.GroupState;
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
 * was thrown out of it may write nothing more. Where {@code client.id} is set, members do not tell
 * their process, and nothing is aborted here.
 *
 * <p>Asks on a thread of its own. Safe for use by several threads.
 */
final class AbandonedTransactions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AbandonedTransactions.class);

  private static final String PROCESS = "-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-";

  /** Where the members' processes are known, a group that is balanced or being so. */
  private static final Set<GroupState> WITH_MEMBERS =
      Set.of(GroupState.STABLE, GroupState.PREPARING_REBALANCE, GroupState.COMPLETING_REBALANCE);

  private final Properties properties;
  private final String applicationId;
  private final Pattern transactionName;
  private final Pattern memberName;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("millrace-transactions").factory());

  /**
   * @param properties for a client that asks the brokers
   */
  AbandonedTransactions(Properties properties, String applicationId) {
    this.properties = properties;
    this.applicationId = applicationId;
    this.transactionName = Pattern.compile(Pattern.quote(applicationId) + PROCESS + "\\d+");
    this.memberName = Pattern.compile(Pattern.quote(applicationId) + PROCESS + "StreamThread-.+");
  }

  /** Looks for them, soon. To be called when the group's members may have changed. */
  void look() {
    try {
      thread.execute(this::abort);
    } catch (RejectedExecutionException closed) {
      LOG.trace("Closed", closed);
    }
  }

  private void abort() {
    try (var admin = Admin.create(properties)) {
      var abandoned = abandoned(admin);
      if (!abandoned.isEmpty()) {
        LOG.info("The transactions {} have lost their processes and are aborted", abandoned);
        admin.fenceProducers(abandoned).all().get();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | RuntimeException failure) {
      LOG.info("Transactions of lost processes are left to the brokers: {}", failure.toString());
    }
  }

  private List<String> abandoned(Admin admin) throws ExecutionException, InterruptedException {
    // The transactions first: who opens one meanwhile is a member already.
    var open =
        admin
            .listTransactions(
                new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
            .all()
            .get()
            .stream()
            .map(TransactionListing::transactionalId)
            .filter(transactionName.asMatchPredicate())
            .toList();
    return open.isEmpty() ? open : open.stream().filter(withoutMember(admin)).toList();
  }

  private Predicate<String> withoutMember(Admin admin)
      throws ExecutionException, InterruptedException {
    var group =
        Objects.requireNonNull(
            admin.describeConsumerGroups(List.of(applicationId)).all().get().get(applicationId));
    var names = group.members().stream().map(MemberDescription::clientId).toList();
    boolean areKnown =
        WITH_MEMBERS.contains(group.groupState())
            && !names.isEmpty()
            && names.stream().allMatch(memberName.asMatchPredicate());
    if (!areKnown) {
      return _ -> false;
    }
    var processes = names.stream().map(name -> process(memberName, name)).toList();
    return transaction -> !processes.contains(process(transactionName, transaction));
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
  }
}
