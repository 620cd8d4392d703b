package io.millrace.topology.access;

import java.util.List;
import java.util.stream.Collectors;

/** The brokers know who the processor is, and do not let it do all that it has to. */
public final class MissingAccessException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MissingAccessException(List<MissingAccess> missing) {
    super(
        missing.stream()
            .map(MissingAccess::remedy)
            .collect(
                Collectors.joining(
                    "\n  ", "this user may not do all that a processor does; allow it:\n  ", "")));
  }
}
