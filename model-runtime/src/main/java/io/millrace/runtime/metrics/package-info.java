/** What is measured while models run, as Micrometer meters named {@code millrace.*}. */
@NullMarked
package io.millrace.runtime.metrics;

import org.jspecify.annotations.NullMarked;
