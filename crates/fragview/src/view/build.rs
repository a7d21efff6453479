//! Views of slices, of owned memory, and of other views.

use alloc::sync::Arc;
use core::sync::atomic::AtomicU8;

use super::{ExclusiveView, FrozenView, MemoryRef, SharedView, View};
use crate::error::Error;
use crate::geometry::Window;
use crate::interrupt::Interrupt;
use crate::memory::{Builder, Exclusive, Frozen, Kind, Memory, Owner, Shared};

impl<K: Kind, O: Owner> From<Memory<K, O>> for View<K, u8, Arc<Memory<K, O>>> {
    /// All bytes of the memory. O(1).
    fn from(memory: Memory<K, O>) -> Self {
        let window = Window::whole(memory.len());
        Self::with(Arc::new(memory), window)
    }
}

impl<'a> FrozenView<'a> {
    /// A view of slices laid end to end. O(slices); nothing is copied.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"", b"c"])?;
    /// assert_eq!(view, b"abc");
    /// assert_eq!(view.chunks().collect::<Vec<_>>(), [&b"ab"[..], b"c"]);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn from_slices(slices: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Error> {
        let mut builder = Builder::<Frozen<'a>>::new();
        let slices = slices.into_iter();
        builder.reserve(slices.size_hint().0)?;
        for slice in slices {
            builder.push_slice(slice)?;
        }
        Ok(builder.finish().into())
    }
}

impl<'a> ExclusiveView<'a> {
    /// A view of exclusively borrowed slices laid end to end: writes go to them. O(slices); nothing is
    /// copied.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::ExclusiveView;
    /// let (mut head, mut tail) = (*b"abc", *b"de");
    /// let mut view = ExclusiveView::from_slices_mut([&mut head[..], &mut tail])?;
    /// view.copy_from_slice(b"vwxyz")?;
    /// assert_eq!((&head, &tail), (b"vwx", b"yz"));
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn from_slices_mut(slices: impl IntoIterator<Item = &'a mut [u8]>) -> Result<Self, Error> {
        let mut builder = Builder::<Exclusive<'a>>::new();
        let slices = slices.into_iter();
        builder.reserve(slices.size_hint().0)?;
        for slice in slices {
            builder.push_slice(slice)?;
        }
        Ok(builder.finish().into())
    }
}

impl<'a> SharedView<'a> {
    /// A view of atomics laid end to end, which other threads may read and write. O(slices); nothing is
    /// copied.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// ```
    /// # use fragview::SharedView;
    /// use std::sync::atomic::{AtomicU8, Ordering};
    /// let (head, tail) = ([const { AtomicU8::new(1) }; 2], [const { AtomicU8::new(2) }; 2]);
    /// let view = SharedView::from_atomics([&head[..], &tail])?;
    /// view.cast::<u16>()?.set(1, 0x0505)?;
    /// assert_eq!(tail[0].load(Ordering::Relaxed), 5);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn from_atomics(slices: impl IntoIterator<Item = &'a [AtomicU8]>) -> Result<Self, Error> {
        let mut builder = Builder::<Shared<'a>>::new();
        let slices = slices.into_iter();
        builder.reserve(slices.size_hint().0)?;
        for slice in slices {
            builder.push_slice(slice)?;
        }
        Ok(builder.finish().into())
    }
}

impl<K: Kind, O: Owner<Kind = K>> View<K, u8, Arc<Memory<K, O>>> {
    /// A view of owned memory laid end to end, kept valid by the owners in it. O(owners); nothing is copied.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    #[cfg_attr(feature = "bytes", doc = "```")]
    #[cfg_attr(not(feature = "bytes"), doc = "```ignore")]
    /// # use fragview::View;
    /// let view = View::from_owners([bytes::Bytes::from("ab"), bytes::Bytes::from("cd")])?;
    /// assert_eq!(view, b"abcd");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn from_owners(owners: impl IntoIterator<Item = O>) -> Result<Self, Error> {
        let mut builder = Builder::new();
        let owners = owners.into_iter();
        builder.reserve(owners.size_hint().0)?;
        for owner in owners {
            let (_, length) = owner.memory();
            let source = builder.add_source(owner)?;
            builder.push(source, 0, length)?;
        }
        Ok(builder.finish().into())
    }
}

impl<K: Kind, O: Owner> Builder<K, O> {
    /// Makes room for the fragments of views that are to be pushed, so that none of them moves again. O(views
    /// · log fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn reserve_views<'v, T: 'v, R>(
        &mut self,
        views: impl IntoIterator<Item = &'v View<K, T, R>>,
    ) -> Result<(), Error>
    where
        K: 'v,
        O: 'v,
        R: MemoryRef<Kind = K, Owner = O> + 'v,
    {
        self.reserve_windows(views.into_iter().map(|view| (view.memory(), *view.window())))
    }
}

impl<K: Kind, O> Builder<K, O> {
    /// Appends a view's bytes: its fragments, and its owners if they are not here yet. O(fragments · log
    /// sources).
    ///
    /// Each contiguous range of a view with gaps becomes a fragment. Nothing is copied.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`]. What went before the fault
    /// stays.
    pub fn push_view<T, R>(&mut self, view: &View<K, T, R>) -> Result<(), Error>
    where
        O: Owner,
        R: MemoryRef<Kind = K, Owner = O>,
        View<K, T, R>: Clone,
    {
        self.push_view_with(view, &mut Interrupt::never())
    }

    /// As [`push_view`](Self::push_view); asks now and then whether to go on, if the view has gaps.
    ///
    /// # Errors
    /// As [`push_view`](Self::push_view), and [`Error::Interrupted`].
    pub fn push_view_with<T, R>(
        &mut self,
        view: &View<K, T, R>,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<(), Error>
    where
        O: Owner,
        R: MemoryRef<Kind = K, Owner = O>,
        View<K, T, R>: Clone,
    {
        self.push_window(view.memory(), *view.window(), interrupt)
    }
}

impl<K: Kind, T, O: Owner> View<K, T, Arc<Memory<K, O>>>
where
    Self: Clone,
{
    /// The items of several views, laid end to end; their fragments are joined, not the views. O(fragments).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`], and
    /// [`Error::ItemSizeMismatch`] if the views' items are not equally wide.
    ///
    /// ```
    /// # use fragview::FrozenView;
    /// let view = FrozenView::from_slices([&b"ab"[..], b"cde"])?;
    /// let turned = FrozenView::concat([&view.slice(3..)?, &view.slice(..3)?])?;
    /// assert_eq!(turned, b"deabc");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn concat<'v>(views: impl IntoIterator<Item = &'v Self>) -> Result<Self, Error>
    where
        Self: 'v,
    {
        let mut builder = Builder::new();
        builder.share_owners(true);
        let mut item_size = None;
        for view in views {
            let (expected, actual) = (*item_size.get_or_insert(view.item_size()), view.item_size());
            if expected != actual {
                return Err(Error::ItemSizeMismatch { expected, actual });
            }
            builder.push_view(view)?;
        }
        let bytes = View::<K, u8, _>::from(builder.finish_compact()?);
        // Without views the items are of `T` all the same; untyped items then have one byte.
        let window = bytes.regroup(item_size.unwrap_or(size_of::<T>().max(1)))?;
        Ok(bytes.into_window(window))
    }
}
