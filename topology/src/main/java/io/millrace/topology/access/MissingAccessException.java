package io.millrace.topology.access;

import java.util.List;
import java.util.stream.Collectors;

/** The brokers know who the processor is, and do not let it do all that it has to. */
public final class MissingAccessException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<MissingAccess> missing;

  MissingAccessException(List<MissingAccess> missing) {
    super(
        "this user may not do all that a processor does; add, each with"
            + " kafka-acls.sh --add --allow-principal User:NAME:\n  "
            + missing.stream().map(MissingAccess::toString).collect(Collectors.joining("\n  ")));
    this.missing = List.copyOf(missing);
  }

  public List<MissingAccess> missing() {
    return missing;
  }
}
