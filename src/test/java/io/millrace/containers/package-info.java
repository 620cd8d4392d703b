/** Millrace's image among its neighbours' images, where a container engine runs. */
@NullMarked
package io.millrace.containers;

import org.jspecify.annotations.NullMarked;
